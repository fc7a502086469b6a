-- +goose NO TRANSACTION
-- +goose Up
-- What products feed of resources, the reminders that were sent of them, and calendars of those to come. Each statement
-- can be run again after a crash half-way; the new column has a default: the previous release inserts without it.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'inbox_per_resource') = 0,
  'ALTER TABLE accounts ADD COLUMN inbox_per_resource BOOLEAN NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

CREATE TABLE IF NOT EXISTS resources (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  product_id VARCHAR(40) NOT NULL,
  external_id VARCHAR(128) NOT NULL,
  kind VARCHAR(64) NOT NULL,
  name VARCHAR(255) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  release_at DATETIME(6) NULL,
  ladder LONGTEXT NULL,
  state VARCHAR(16) NOT NULL,
  feed_version BIGINT NOT NULL,
  reached BIGINT NOT NULL,
  next_at DATETIME(6) NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY resources_external (account_id, product_id, external_id),
  KEY resources_newest (account_id, created_at, id),
  KEY resources_next (account_id, next_at, id),
  KEY resources_product (product_id, created_at, id),
  KEY resources_due (next_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS reminders (
  resource_id VARCHAR(40) NOT NULL,
  deadline DATETIME(6) NOT NULL,
  rung VARCHAR(32) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  due_at DATETIME(6) NOT NULL,
  notification_id VARCHAR(40) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (resource_id, deadline, rung)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS calendar_feeds (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  name VARCHAR(255) NOT NULL,
  token_hash VARBINARY(32) NOT NULL,
  created_by VARCHAR(40) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY calendar_feeds_token (token_hash),
  KEY calendar_feeds_newest (account_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
