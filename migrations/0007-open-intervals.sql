-- A pair that changes again and again has many ended intervals, and at most one that lasts.
CREATE UNIQUE INDEX permission_history_open ON permission_history (agent_id, device_id) WHERE to_seq IS NULL;
DROP INDEX exposures_open;
CREATE UNIQUE INDEX exposures_open ON exposures (agent_id, device_id) WHERE to_seq IS NULL;
