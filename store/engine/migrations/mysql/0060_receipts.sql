-- +goose NO TRANSACTION
-- +goose Up
-- What providers say of messages that they took. Each statement can be run again after a crash half-way; see 0002.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'attempts' AND column_name = 'receipt') = 0,
  'ALTER TABLE attempts ADD COLUMN receipt VARCHAR(16) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'attempts' AND column_name = 'receipt_reason') = 0,
  'ALTER TABLE attempts ADD COLUMN receipt_reason VARCHAR(64) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'attempts' AND column_name = 'receipt_code') = 0,
  'ALTER TABLE attempts ADD COLUMN receipt_code VARCHAR(64) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'attempts' AND column_name = 'receipt_at') = 0,
  'ALTER TABLE attempts ADD COLUMN receipt_at DATETIME(6) NULL', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
