-- +goose NO TRANSACTION
-- +goose Up
-- The outbox is for all kinds of entities, not for notifications only. The statement can be run again after a crash half-way.
-- The previous release works on the same rows: it inserts those of notifications without the new column, writes those of other
-- entities into wakeups, from where workers of this release move them, and does not look into lane 2, where they stand now. What it
-- leaves in wakeups is moved in the same way. The column notification_id holds the id of any entity; it keeps its name for it.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'outbox' AND column_name = 'entity') = 0,
  'ALTER TABLE outbox ADD COLUMN entity VARCHAR(16) NOT NULL DEFAULT ''notification''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
