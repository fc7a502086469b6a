-- +goose NO TRANSACTION
-- +goose Up
-- Notifications that are merged, and deliveries that others carry. Each statement can be run again after a crash half-way.
-- New columns have defaults: the previous release inserts without them.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notifications' AND column_name = 'merged_with') = 0,
  'ALTER TABLE notifications ADD COLUMN merged_with TEXT NULL', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND column_name = 'merged_into') = 0,
  'ALTER TABLE deliveries ADD COLUMN merged_into VARCHAR(40) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
