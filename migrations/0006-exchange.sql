-- Exports give the answer that was kept for a command with it.
CREATE INDEX idempotency_by_command ON idempotency (command_id);
