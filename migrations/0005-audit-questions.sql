-- What the audit asks about permissions: whether they were used, what was denied, and what the firmware allowed that nobody wanted.
-- docs/auditing.md has queries for each.

-- The devices that list each resource, of each board by its host.configured. protocol: SCMI protocol id.
CREATE TABLE use_resources (
  configured_seq INTEGER NOT NULL,
  protocol       INTEGER NOT NULL,
  resource       INTEGER NOT NULL,
  device_id      INTEGER NOT NULL,
  PRIMARY KEY (configured_seq, protocol, resource, device_id)
) STRICT, WITHOUT ROWID;

-- How often an agent used a device, or was denied it, in events bucket * 4096 to bucket * 4096 + 4095. Buckets are written when
-- they are full: those of the last one are counted from its events.
CREATE TABLE permission_use (
  bucket       INTEGER NOT NULL,
  agent_id     INTEGER NOT NULL,
  device_id    INTEGER NOT NULL,
  uses         INTEGER NOT NULL,
  first_use    INTEGER,
  last_use     INTEGER,
  denials      INTEGER NOT NULL,
  first_denial INTEGER,
  last_denial  INTEGER,
  PRIMARY KEY (bucket, agent_id, device_id)
) STRICT, WITHOUT ROWID;

-- Messages that the firmware answered DENIED. resource: of which, NULL: of none; device_id: a device that lists it, or NULL.
CREATE TABLE denials (
  seq       INTEGER PRIMARY KEY,
  agent_id  INTEGER NOT NULL,
  domid     INTEGER,
  protocol  INTEGER NOT NULL,
  message   INTEGER NOT NULL,
  resource  INTEGER,
  device_id INTEGER
) STRICT;
CREATE INDEX denials_by_agent ON denials (agent_id, seq);
CREATE INDEX denials_by_device ON denials (device_id, seq);

-- What the permissions should be, where that is not the board's default: what was granted, and not taken back.
CREATE TABLE permission_policy (
  agent_id  INTEGER NOT NULL,
  device_id INTEGER NOT NULL,
  allowed   INTEGER NOT NULL,
  PRIMARY KEY (agent_id, device_id)
) STRICT, WITHOUT ROWID;

-- Intervals in which the firmware allowed what it should not, each from the event that made it so up to (not with) the event that
-- ended it. domid: who held the agent when it began.
CREATE TABLE exposures (
  agent_id  INTEGER NOT NULL,
  device_id INTEGER NOT NULL,
  from_seq  INTEGER NOT NULL,
  from_time INTEGER NOT NULL,
  domid     INTEGER,
  cause     TEXT NOT NULL,
  to_seq    INTEGER,
  to_time   INTEGER,
  PRIMARY KEY (agent_id, device_id, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX exposures_open ON exposures (to_seq, agent_id, device_id);
