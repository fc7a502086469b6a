-- +goose NO TRANSACTION
-- +goose Up
-- The trace that a workflow's start belongs to. The statement can be run again after a crash half-way.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'outbox' AND column_name = 'trace') = 0,
  'ALTER TABLE outbox ADD COLUMN trace VARCHAR(64) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
