-- +goose NO TRANSACTION
-- +goose Up
-- What a text message was sent and paid as. The statement can be run again after a crash half-way; see 0002.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'attempts' AND column_name = 'parts') = 0,
  'ALTER TABLE attempts ADD COLUMN parts BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
