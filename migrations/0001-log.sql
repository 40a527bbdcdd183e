-- The log of one host. Events are facts: nothing updates or deletes them.

CREATE TABLE programs (
  id      INTEGER PRIMARY KEY,
  version TEXT NOT NULL UNIQUE
) STRICT;

-- A command: what somebody asked for, and the digest of the state after it. Its time is its events' time.
-- input is NULL where the events hold all of it (smc: registers and page; host.configure: the board).
CREATE TABLE commands (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL,
  input        TEXT,
  actor        TEXT NOT NULL,
  source       TEXT NOT NULL,
  reason       TEXT,
  first_seq    INTEGER NOT NULL,
  last_seq     INTEGER NOT NULL,
  digest       BLOB NOT NULL,
  rule_version INTEGER NOT NULL,
  program      INTEGER NOT NULL REFERENCES programs (id)
) STRICT;

-- time: UTC, microseconds since 1970. body: see docs/events.md, "How a row is packed".
CREATE TABLE events (
  seq        INTEGER PRIMARY KEY,
  time       INTEGER NOT NULL,
  type       TEXT NOT NULL,
  epoch      INTEGER NOT NULL,
  command_id INTEGER NOT NULL,
  domid      INTEGER,
  agent      INTEGER,
  body       BLOB NOT NULL
) STRICT;

CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER commands_are_never_updated BEFORE UPDATE ON commands
BEGIN SELECT RAISE(ABORT, 'commands are append-only'); END;
CREATE TRIGGER commands_are_never_deleted BEFORE DELETE ON commands
BEGIN SELECT RAISE(ABORT, 'commands are append-only'); END;

-- States to start from: the machine's state after a command, so that no start reads the whole log.
CREATE TABLE snapshots (
  seq        INTEGER PRIMARY KEY,
  command_id INTEGER NOT NULL,
  digest     BLOB NOT NULL,
  state      TEXT NOT NULL
) STRICT;

-- Answers to writes that came with an Idempotency-Key, kept with the events that they answered for.
CREATE TABLE idempotency (
  actor      TEXT NOT NULL,
  key        TEXT NOT NULL,
  body_hash  BLOB NOT NULL,
  command_id INTEGER,
  status     INTEGER NOT NULL,
  answer     TEXT NOT NULL,
  PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;

-- Which version of each projection its tables were filled by, and up to which event.
CREATE TABLE projections (
  name    TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The log as the sqlite3 shell can read it.
CREATE VIEW events_text AS
SELECT
  e.seq,
  strftime('%Y-%m-%dT%H:%M:%S', e.time / 1000000, 'unixepoch') || printf('.%06dZ', e.time % 1000000) AS time,
  e.type,
  e.epoch,
  e.domid,
  e.agent,
  c.kind AS command,
  e.command_id,
  c.actor,
  c.source,
  c.reason,
  CASE
    WHEN e.type = 'smc.forwarded' THEN
      printf('%s x0=0x%s header=0x%s status=%s',
        CASE WHEN e.domid IS NULL THEN 'xen' ELSE 'domain' END,
        lower(hex(substr(e.body, 25, 4))),
        lower(hex(substr(e.body, 17, 4))),
        CASE hex(substr(e.body, 21, 4))
          WHEN '00000000' THEN 'SUCCESS'
          WHEN 'FFFFFFFF' THEN 'NOT_SUPPORTED'
          WHEN 'FFFFFFFE' THEN 'INVALID_PARAMETERS'
          WHEN 'FFFFFFFD' THEN 'DENIED'
          WHEN 'FFFFFFFC' THEN 'NOT_FOUND'
          WHEN 'FFFFFFFB' THEN 'OUT_OF_RANGE'
          WHEN 'FFFFFFFA' THEN 'BUSY'
          WHEN 'FFFFFFF9' THEN 'COMMS_ERROR'
          WHEN 'FFFFFFF8' THEN 'GENERIC_ERROR'
          WHEN 'FFFFFFF7' THEN 'HARDWARE_ERROR'
          WHEN 'FFFFFFF6' THEN 'PROTOCOL_ERROR'
          ELSE '0x' || lower(hex(substr(e.body, 21, 4)))
        END)
    WHEN e.type = 'smc.refused' THEN
      printf('x0=0x%s %s', lower(hex(substr(e.body, 25, 4))),
        CASE hex(substr(e.body, 16, 1))
          WHEN '01' THEN 'owner-not-sip'
          WHEN '02' THEN 'no-mediator'
          WHEN '03' THEN 'sci-off'
          WHEN '04' THEN 'foreign-function-id'
          WHEN '05' THEN 'channel-busy'
          WHEN '06' THEN 'no-management-channel'
          ELSE '?'
        END)
    WHEN e.type = 'host.configured' THEN
      printf('board and device tree of %d bytes', length(e.body))
    ELSE CAST(substr(e.body, 13) AS TEXT)
  END AS data
FROM events AS e LEFT JOIN commands AS c ON c.id = e.command_id;
