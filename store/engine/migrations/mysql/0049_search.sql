-- +goose NO TRANSACTION
-- +goose Up
-- What accounts are searched by. Each statement can be run again after a crash half-way; see 0002.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'name_lower') = 0,
  'ALTER TABLE accounts ADD COLUMN name_lower VARCHAR(255) GENERATED ALWAYS AS (LOWER(name)) VIRTUAL', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'accounts' AND index_name = 'accounts_name') = 0,
  'CREATE INDEX accounts_name ON accounts (name_lower, id)', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'accounts' AND index_name = 'accounts_enabled') = 0,
  'CREATE INDEX accounts_enabled ON accounts (enabled, created_at, id)', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
