-- +goose NO TRANSACTION
-- +goose Up
-- Since when a destination fails. It can be run again after a crash half-way; see 0002.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'destination_states' AND column_name = 'failing_since') = 0,
  'ALTER TABLE destination_states ADD COLUMN failing_since DATETIME(6) NULL', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
