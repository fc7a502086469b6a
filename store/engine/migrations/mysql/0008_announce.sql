-- +goose NO TRANSACTION
-- +goose Up
-- Announcements, and how long things are kept. Each statement can be run again after a crash half-way.
-- What an announcement starts waits in a lane of its own, so that nothing else waits behind it.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'outbox' AND column_name = 'lane') = 0,
  'ALTER TABLE outbox ADD COLUMN lane BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'outbox' AND index_name = 'outbox_lane') = 0,
  'ALTER TABLE outbox ADD INDEX outbox_lane (lane, due_at, notification_id, kind)', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'outbox' AND index_name = 'outbox_due') > 0,
  'ALTER TABLE outbox DROP INDEX outbox_due', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

CREATE TABLE IF NOT EXISTS announcements (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  product_id VARCHAR(40) NOT NULL,
  type VARCHAR(128) NOT NULL,
  type_version BIGINT NOT NULL,
  category VARCHAR(64) NOT NULL,
  severity VARCHAR(16) NOT NULL,
  variables LONGTEXT NULL,
  link VARCHAR(2048) NOT NULL,
  external_id VARCHAR(255) NOT NULL,
  idempotency_key VARCHAR(255) NOT NULL,
  fingerprint VARBINARY(32) NULL,
  audience LONGTEXT NOT NULL,
  per_minute BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,
  reason VARCHAR(64) NOT NULL,
  schedule_at DATETIME(6) NULL,
  expires_at DATETIME(6) NULL,
  next_at DATETIME(6) NULL,
  reached VARCHAR(40) NOT NULL,
  total BIGINT NOT NULL,
  accepted BIGINT NOT NULL,
  disabled BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  started_at DATETIME(6) NULL,
  paced_at DATETIME(6) NULL,
  paced_from BIGINT NOT NULL,
  paged_at DATETIME(6) NULL,
  finished_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  external_key VARCHAR(255) GENERATED ALWAYS AS (NULLIF(external_id, '')) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY announcements_external (product_id, external_key),
  KEY announcements_newest (account_id, created_at, id),
  KEY announcements_product (product_id, created_at, id),
  KEY announcements_due (next_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS announcement_accounts (
  announcement_id VARCHAR(40) NOT NULL,
  listed_id VARCHAR(40) NOT NULL,
  PRIMARY KEY (announcement_id, listed_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One row: how long what is over is kept, in days; 0 keeps it for ever.
CREATE TABLE IF NOT EXISTS retention_policies (
  id VARCHAR(40) NOT NULL,
  messages LONGTEXT NOT NULL,
  notifications LONGTEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT INTO retention_policies (id, messages, notifications, version, updated_at)
VALUES ('retention', '{"days":365}', '{"days":365}', 1, '2026-01-01 00:00:00')
ON DUPLICATE KEY UPDATE id = id;
