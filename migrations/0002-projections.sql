-- What the events come to, as tables that can be thrown away and refolded (POST /v1/projections/rebuild). A rebuild makes its
-- shadow tables from the statements here, so a table that is to look different is dropped and made anew in a later migration.

-- seq: the last event that changed a table of the projection. An event that is not behind it changes nothing.
-- version 0: the tables have never seen the whole log.
ALTER TABLE projections ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;

-- The agents that the board's firmware lists. domid: who holds the agent now.
CREATE TABLE agents (
  agent_id INTEGER PRIMARY KEY,
  name     TEXT NOT NULL,
  func_id  INTEGER NOT NULL,
  shmem    INTEGER NOT NULL,
  role     TEXT NOT NULL CHECK (role IN ('management', 'ospm')),
  domid    INTEGER
) STRICT;

-- Xen's channel table, in list order. owner: a domid, 'xen', or NULL: free.
CREATE TABLE channels (
  list_index INTEGER PRIMARY KEY,
  agent_id   INTEGER NOT NULL,
  func_id    INTEGER NOT NULL,
  shmem      INTEGER NOT NULL,
  owner      ANY
) STRICT;

-- Every domain that ever was; a domid comes back after a host boot, created_seq does not. config: canonical JSON.
CREATE TABLE domains (
  created_seq   INTEGER PRIMARY KEY,
  epoch         INTEGER NOT NULL,
  domid         INTEGER NOT NULL,
  uuid          TEXT NOT NULL,
  name          TEXT NOT NULL,
  origin        TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('running', 'shutdown', 'dying', 'destroyed')),
  sci_type      TEXT NOT NULL,
  agent_id      INTEGER,
  config        TEXT NOT NULL,
  destroyed_seq INTEGER
) STRICT;
CREATE INDEX domains_by_state ON domains (state);
CREATE INDEX domains_by_domid ON domains (domid);
CREATE INDEX domains_by_name ON domains (name);
CREATE INDEX domains_by_uuid ON domains (uuid);

-- What was assigned to a domain, kept when the domain is gone. device_ids: JSON, the SCMI devices that got a permission.
CREATE TABLE domain_devices (
  created_seq INTEGER NOT NULL,
  path        TEXT NOT NULL,
  domid       INTEGER NOT NULL,
  device_ids  TEXT NOT NULL,
  seq         INTEGER NOT NULL,
  PRIMARY KEY (created_seq, path)
) STRICT, WITHOUT ROWID;

-- The SCMI devices of the board. resources: canonical JSON, ids by kind.
CREATE TABLE devices (
  device_id INTEGER PRIMARY KEY,
  name      TEXT NOT NULL,
  resources TEXT NOT NULL
) STRICT;

-- Which nodes of the host device tree name a device in access-controllers. bound: their provider is the node that Xen probed.
CREATE TABLE device_paths (
  device_id INTEGER NOT NULL,
  path      TEXT NOT NULL,
  provider  TEXT NOT NULL,
  bound     INTEGER NOT NULL,
  PRIMARY KEY (device_id, path, provider)
) STRICT, WITHOUT ROWID;

-- Permissions that differ now from those at power-on, and since which event.
CREATE TABLE permissions (
  agent_id  INTEGER NOT NULL,
  device_id INTEGER NOT NULL,
  allowed   INTEGER NOT NULL,
  since_seq INTEGER NOT NULL,
  PRIMARY KEY (agent_id, device_id)
) STRICT, WITHOUT ROWID;

-- The boards whose defaults rule, each by its host.configured; their agents; and their devices with who has them at power-on:
-- everyone, or the agents listed (JSON).
CREATE TABLE permission_boards (
  configured_seq INTEGER PRIMARY KEY
) STRICT;
CREATE TABLE permission_agents (
  configured_seq INTEGER NOT NULL,
  agent_id       INTEGER NOT NULL,
  PRIMARY KEY (configured_seq, agent_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE permission_devices (
  configured_seq INTEGER NOT NULL,
  device_id      INTEGER NOT NULL,
  everyone       INTEGER NOT NULL,
  agents         TEXT NOT NULL,
  PRIMARY KEY (configured_seq, device_id)
) STRICT, WITHOUT ROWID;

-- One row a host boot: from here on permissions are the defaults of board configured_seq, but for the intervals of
-- permission_history. replaces: the board of the boot before. A row ends where the next begins.
CREATE TABLE permission_rules (
  from_seq       INTEGER PRIMARY KEY,
  from_time      INTEGER NOT NULL,
  to_seq         INTEGER,
  to_time        INTEGER,
  configured_seq INTEGER,
  replaces       INTEGER
) STRICT;

-- Permissions that differed from the defaults, each from the event that made it so up to (not with) the event that ended it.
-- was: the permission before. becomes: the permission after; NULL while it lasts, or where the next interval follows at once.
-- from_domid, to_domid: the domain that held the agent then.
CREATE TABLE permission_history (
  agent_id   INTEGER NOT NULL,
  device_id  INTEGER NOT NULL,
  from_seq   INTEGER NOT NULL,
  allowed    INTEGER NOT NULL,
  was        INTEGER NOT NULL,
  from_time  INTEGER NOT NULL,
  from_domid INTEGER,
  to_seq     INTEGER,
  to_time    INTEGER,
  to_domid   INTEGER,
  becomes    INTEGER,
  PRIMARY KEY (agent_id, device_id, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX permission_history_begun ON permission_history (from_seq, agent_id, device_id);
CREATE INDEX permission_history_ended ON permission_history (to_seq, agent_id, device_id);

-- Who holds an agent, for the history's domids.
CREATE TABLE permission_holders (
  agent_id INTEGER PRIMARY KEY,
  domid    INTEGER NOT NULL
) STRICT;

-- SMCs by the agent whose channel they came on; agent_id -1: of none. unanswered: forwarded, but no SCMI status came back; the
-- columns behind it count the answers that were errors, by SCMI status.
CREATE TABLE smc_counters (
  agent_id           INTEGER PRIMARY KEY,
  forwarded          INTEGER NOT NULL,
  refused            INTEGER NOT NULL,
  unanswered         INTEGER NOT NULL,
  not_supported      INTEGER NOT NULL,
  invalid_parameters INTEGER NOT NULL,
  denied             INTEGER NOT NULL,
  not_found          INTEGER NOT NULL,
  out_of_range       INTEGER NOT NULL,
  busy               INTEGER NOT NULL,
  comms_error        INTEGER NOT NULL,
  generic_error      INTEGER NOT NULL,
  hardware_error     INTEGER NOT NULL,
  protocol_error     INTEGER NOT NULL,
  in_use             INTEGER NOT NULL,
  other_status       INTEGER NOT NULL,
  last_seq           INTEGER NOT NULL
) STRICT;
