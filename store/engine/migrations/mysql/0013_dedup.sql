-- +goose NO TRANSACTION
-- +goose Up
-- Equal events count on one notification. Each statement can be run again after a crash half-way. New columns have
-- defaults: the previous release inserts without them.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notifications' AND column_name = 'dedup_key') = 0,
  'ALTER TABLE notifications ADD COLUMN dedup_key VARCHAR(255) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notifications' AND column_name = 'repeats') = 0,
  'ALTER TABLE notifications ADD COLUMN repeats BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notifications' AND column_name = 'repeated_at') = 0,
  'ALTER TABLE notifications ADD COLUMN repeated_at DATETIME(6) NULL', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'messages' AND column_name = 'repeats') = 0,
  'ALTER TABLE messages ADD COLUMN repeats BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'messages' AND column_name = 'repeated_at') = 0,
  'ALTER TABLE messages ADD COLUMN repeated_at DATETIME(6) NULL', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

CREATE TABLE IF NOT EXISTS dedup_windows (
  scope_hash VARBINARY(32) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  notification_id VARCHAR(40) NOT NULL,
  ends_at DATETIME(6) NOT NULL,
  PRIMARY KEY (scope_hash),
  KEY dedup_windows_ended (ends_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The external ids of events that were counted: they have no notification of their own.
CREATE TABLE IF NOT EXISTS dedup_repeats (
  scope_hash VARBINARY(32) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  notification_id VARCHAR(40) NOT NULL,
  fingerprint VARBINARY(32) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  PRIMARY KEY (scope_hash),
  KEY dedup_repeats_expired (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
