-- The audit tree (RFC 6962) over the events: docs/auditing.md says what is hashed, and how.

-- Hash of the event's leaf, written with the event. NULL in events from before there was a tree: theirs are in audit_tiles, level 0.
ALTER TABLE events ADD COLUMN leaf BLOB;

-- Hash of the answer that was kept for an Idempotency-Key with this command; NULL: it had none.
ALTER TABLE commands ADD COLUMN answer_hash BLOB;

-- Which log this is. leaves_from: seq of the first event that has its leaf in its own row.
CREATE TABLE audit_log (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  origin      TEXT NOT NULL,
  leaves_from INTEGER NOT NULL
) STRICT;

-- The keys that signed checkpoints, oldest first. from_size: events in the log when the key took over. note: by which its
-- predecessor and it vouch for each other; NULL for the first, and for one that nobody vouches for.
CREATE TABLE audit_keys (
  number    INTEGER PRIMARY KEY,
  vkey      TEXT NOT NULL,
  from_size INTEGER NOT NULL,
  note      TEXT
) STRICT;

-- Signed checkpoints. size: events that each speaks for.
CREATE TABLE audit_checkpoints (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;

-- Hashes of the tree in tiles of up to 256, from level 1 on; level 0 only for events without a leaf of their own.
CREATE TABLE audit_tiles (
  level  INTEGER NOT NULL,
  tile   INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, tile)
) STRICT;
