-- Where a command's request came from, for the auditor: NULL where nobody asked over a network (boot, import), and in rows of before.
ALTER TABLE commands ADD COLUMN address TEXT;
-- The answer carried it as X-Request-Id.
ALTER TABLE commands ADD COLUMN request_id TEXT;
-- W3C Trace Context, as it came.
ALTER TABLE commands ADD COLUMN traceparent TEXT;
