-- +goose NO TRANSACTION
-- +goose Up
-- MySQL commits every CREATE TABLE by itself, so each statement can be run again after a crash half-way.
-- Names of character sets and collations are those that MySQL 8 and MariaDB 10.11 both know.

CREATE TABLE IF NOT EXISTS accounts (
  id VARCHAR(40) NOT NULL,
  alias VARCHAR(32) NOT NULL,
  name VARCHAR(255) NOT NULL,
  language VARCHAR(16) NOT NULL,
  time_zone VARCHAR(64) NOT NULL,
  enabled TINYINT(1) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY accounts_alias (alias),
  KEY accounts_newest (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS users (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  name VARCHAR(64) NOT NULL,
  display_name VARCHAR(255) NOT NULL,
  password_hash VARCHAR(255) NOT NULL,
  language VARCHAR(16) NOT NULL,
  popups TINYINT(1) NOT NULL,
  enabled TINYINT(1) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  root_user TINYINT GENERATED ALWAYS AS (CASE WHEN kind = 'root' THEN 1 END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY users_name (account_id, name),
  UNIQUE KEY users_root (account_id, root_user),
  KEY users_newest (account_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS products (
  id VARCHAR(40) NOT NULL,
  name VARCHAR(32) NOT NULL,
  display_name VARCHAR(255) NOT NULL,
  types LONGTEXT NOT NULL,
  accounts LONGTEXT NOT NULL,
  enabled TINYINT(1) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY products_name (name),
  KEY products_newest (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS access_keys (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  owner_kind VARCHAR(16) NOT NULL,
  owner_id VARCHAR(40) NOT NULL,
  name VARCHAR(255) NOT NULL,
  hash VARBINARY(32) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NULL,
  rotated_at DATETIME(6) NULL,
  revoked_at DATETIME(6) NULL,
  last_used_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  KEY access_keys_owner (account_id, owner_kind, owner_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sessions (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  user_id VARCHAR(40) NOT NULL,
  hash VARBINARY(32) NOT NULL,
  ip VARCHAR(64) NOT NULL,
  user_agent VARCHAR(512) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  last_seen_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  revoked_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY sessions_hash (hash),
  KEY sessions_user (account_id, user_id, created_at, id),
  KEY sessions_expired (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS grants (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  user_id VARCHAR(40) NOT NULL,
  role VARCHAR(64) NOT NULL,
  expires_at DATETIME(6) NULL,
  created_by VARCHAR(40) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY grants_role (account_id, user_id, role),
  KEY grants_newest (account_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS contacts (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  name VARCHAR(255) NOT NULL,
  user_id VARCHAR(40) NOT NULL,
  language VARCHAR(16) NOT NULL,
  time_zone VARCHAR(64) NOT NULL,
  enabled TINYINT(1) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  account_contact TINYINT GENERATED ALWAYS AS (CASE WHEN kind = 'account' THEN 1 END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY contacts_account (account_id, account_contact),
  KEY contacts_newest (account_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS addresses (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  contact_id VARCHAR(40) NOT NULL,
  channel VARCHAR(32) NOT NULL,
  value VARCHAR(320) NOT NULL,
  value_key VARCHAR(320) NOT NULL,
  state VARCHAR(16) NOT NULL,
  reason VARCHAR(64) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY addresses_contact (account_id, contact_id, channel, value_key),
  KEY addresses_value (channel, value_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS categories (
  `key` VARCHAR(64) NOT NULL,
  position BIGINT NOT NULL,
  names LONGTEXT NOT NULL,
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS message_types (
  type_key VARCHAR(128) NOT NULL,
  category VARCHAR(64) NOT NULL,
  version BIGINT NOT NULL,
  enabled TINYINT(1) NOT NULL,
  origin VARCHAR(16) NOT NULL,
  shipped_hash VARCHAR(64) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (type_key),
  KEY message_types_category (category, type_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS message_type_versions (
  type_key VARCHAR(128) NOT NULL,
  version BIGINT NOT NULL,
  definition LONGTEXT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  created_by VARCHAR(64) NOT NULL,
  PRIMARY KEY (type_key, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS providers (
  id VARCHAR(40) NOT NULL,
  channel VARCHAR(32) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  name VARCHAR(255) NOT NULL,
  position BIGINT NOT NULL,
  enabled TINYINT(1) NOT NULL,
  settings LONGTEXT NOT NULL,
  secrets LONGBLOB NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY providers_channel (channel, position, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS bots (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  channel VARCHAR(32) NOT NULL,
  name VARCHAR(255) NOT NULL,
  settings LONGTEXT NOT NULL,
  secrets LONGBLOB NULL,
  hint VARCHAR(512) NOT NULL,
  enabled TINYINT(1) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY bots_newest (account_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS destination_states (
  destination VARCHAR(64) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  paused_until DATETIME(6) NULL,
  suspended_at DATETIME(6) NULL,
  reason VARCHAR(64) NOT NULL,
  failures BIGINT NOT NULL,
  last_success_at DATETIME(6) NULL,
  last_failure_at DATETIME(6) NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (destination),
  KEY destination_states_account (account_id, destination)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS notifications (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  type VARCHAR(128) NOT NULL,
  type_version BIGINT NOT NULL,
  category VARCHAR(64) NOT NULL,
  severity VARCHAR(16) NOT NULL,
  source VARCHAR(16) NOT NULL,
  product_id VARCHAR(40) NOT NULL,
  language VARCHAR(16) NOT NULL,
  variables LONGTEXT NULL,
  link VARCHAR(2048) NOT NULL,
  external_id VARCHAR(255) NOT NULL,
  idempotency_key VARCHAR(255) NOT NULL,
  fingerprint VARBINARY(32) NULL,
  status VARCHAR(16) NOT NULL,
  reason VARCHAR(64) NOT NULL,
  schedule_at DATETIME(6) NULL,
  expires_at DATETIME(6) NOT NULL,
  cancelled_at DATETIME(6) NULL,
  planned_at DATETIME(6) NULL,
  finished_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  external_key VARCHAR(255) GENERATED ALWAYS AS (NULLIF(external_id, '')) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY notifications_external (product_id, external_key),
  KEY notifications_newest (account_id, created_at, id),
  KEY notifications_type (account_id, type, created_at, id),
  KEY notifications_product (product_id, created_at, id),
  KEY notifications_open (status, expires_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS deliveries (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  notification_id VARCHAR(40) NOT NULL,
  slot VARCHAR(128) NOT NULL,
  channel VARCHAR(32) NOT NULL,
  contact_id VARCHAR(40) NOT NULL,
  address_id VARCHAR(40) NOT NULL,
  bot_id VARCHAR(40) NOT NULL,
  recipient VARCHAR(255) NOT NULL,
  address_key VARCHAR(320) NOT NULL,
  language VARCHAR(16) NOT NULL,
  locked TINYINT(1) NOT NULL,
  state VARCHAR(16) NOT NULL,
  reason VARCHAR(64) NOT NULL,
  attempts BIGINT NOT NULL,
  next_attempt_at DATETIME(6) NULL,
  replay_of VARCHAR(40) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY deliveries_slot (notification_id, slot),
  KEY deliveries_notification (account_id, notification_id, id),
  KEY deliveries_bot (bot_id, state, id),
  KEY deliveries_due (state, next_attempt_at, notification_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS attempts (
  delivery_id VARCHAR(40) NOT NULL,
  number BIGINT NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  provider_id VARCHAR(40) NOT NULL,
  provider VARCHAR(255) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NULL,
  outcome VARCHAR(32) NOT NULL,
  reason VARCHAR(64) NOT NULL,
  provider_code VARCHAR(64) NOT NULL,
  provider_message VARCHAR(1024) NOT NULL,
  provider_ref VARCHAR(255) NOT NULL,
  PRIMARY KEY (delivery_id, number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS messages (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  owner VARCHAR(40) NOT NULL,
  seq BIGINT NOT NULL,
  notification_id VARCHAR(40) NOT NULL,
  type VARCHAR(128) NOT NULL,
  category VARCHAR(64) NOT NULL,
  severity VARCHAR(16) NOT NULL,
  language VARCHAR(16) NOT NULL,
  title VARCHAR(512) NOT NULL,
  body MEDIUMTEXT NOT NULL,
  link VARCHAR(2048) NOT NULL,
  search_text MEDIUMTEXT NOT NULL,
  read_at DATETIME(6) NULL,
  read_by VARCHAR(64) NOT NULL,
  read_by_name VARCHAR(64) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  read_state TINYINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY messages_seq (account_id, owner, seq),
  KEY messages_read (account_id, owner, read_state, seq),
  KEY messages_category (account_id, owner, category, seq),
  KEY messages_category_read (account_id, owner, category, read_state, seq),
  KEY messages_type (account_id, owner, type, seq),
  KEY messages_type_read (account_id, owner, type, read_state, seq),
  KEY messages_arrived (account_id, owner, created_at, seq),
  KEY messages_notification (notification_id),
  CONSTRAINT messages_read_state CHECK (read_state = CASE WHEN read_at IS NULL THEN 0 ELSE 1 END)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS inbox_heads (
  account_id VARCHAR(40) NOT NULL,
  owner VARCHAR(40) NOT NULL,
  seq BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  last_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id, owner)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS outbox (
  notification_id VARCHAR(40) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  due_at DATETIME(6) NOT NULL,
  tries BIGINT NOT NULL,
  PRIMARY KEY (notification_id, kind),
  KEY outbox_due (due_at, notification_id, kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS idempotency_keys (
  scope_hash VARBINARY(32) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  action VARCHAR(64) NOT NULL,
  fingerprint VARBINARY(32) NOT NULL,
  status BIGINT NOT NULL,
  answer LONGBLOB NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  PRIMARY KEY (scope_hash),
  KEY idempotency_keys_expired (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS operation_logs (
  account_id VARCHAR(40) NOT NULL,
  seq BIGINT NOT NULL,
  at DATETIME(6) NOT NULL,
  actor_kind VARCHAR(16) NOT NULL,
  actor_id VARCHAR(40) NOT NULL,
  actor_name VARCHAR(255) NOT NULL,
  credential VARCHAR(40) NOT NULL,
  roles LONGTEXT NULL,
  ip VARCHAR(64) NOT NULL,
  user_agent VARCHAR(512) NOT NULL,
  request_id VARCHAR(64) NOT NULL,
  action VARCHAR(64) NOT NULL,
  object_kind VARCHAR(64) NOT NULL,
  object_id VARCHAR(128) NOT NULL,
  object_name VARCHAR(255) NOT NULL,
  result VARCHAR(16) NOT NULL,
  code VARCHAR(64) NOT NULL,
  `before` LONGTEXT NULL,
  `after` LONGTEXT NULL,
  prev_hash VARBINARY(32) NOT NULL,
  hash VARBINARY(32) NOT NULL,
  PRIMARY KEY (account_id, seq),
  KEY operation_logs_object (account_id, object_kind, object_id, seq),
  KEY operation_logs_action (account_id, action, seq),
  KEY operation_logs_actor (account_id, actor_id, seq),
  KEY operation_logs_at (account_id, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS operation_heads (
  account_id VARCHAR(40) NOT NULL,
  seq BIGINT NOT NULL,
  hash VARBINARY(32) NOT NULL,
  PRIMARY KEY (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS seals (
  account_id VARCHAR(40) NOT NULL,
  seq BIGINT NOT NULL,
  hash VARBINARY(32) NOT NULL,
  at DATETIME(6) NOT NULL,
  key_id VARCHAR(64) NOT NULL,
  signature VARBINARY(64) NOT NULL,
  PRIMARY KEY (account_id, seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS throttles (
  bucket_key VARCHAR(64) NOT NULL,
  count BIGINT NOT NULL,
  window_ends_at DATETIME(6) NOT NULL,
  PRIMARY KEY (bucket_key),
  KEY throttles_ended (window_ends_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS optouts (
  account_id VARCHAR(40) NOT NULL,
  address_key VARCHAR(320) NOT NULL,
  type_key VARCHAR(128) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id, address_key, type_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One row: proof of which secret the configuration had when the database was new.
CREATE TABLE IF NOT EXISTS secret_checks (
  id BIGINT NOT NULL,
  mac VARBINARY(32) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The platform is an account: its users are the operators.
INSERT INTO accounts (id, alias, name, language, time_zone, enabled, version, created_at, updated_at)
VALUES ('platform', 'platform', 'Platform', 'zh-CN', 'UTC', 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')
ON DUPLICATE KEY UPDATE id = id;

INSERT INTO operation_heads (account_id, seq, hash)
VALUES ('platform', 0, x'0000000000000000000000000000000000000000000000000000000000000000')
ON DUPLICATE KEY UPDATE account_id = account_id;

INSERT INTO inbox_heads (account_id, owner, seq, revision, last_at)
VALUES ('platform', '', 0, 0, '1970-01-01 00:00:00')
ON DUPLICATE KEY UPDATE account_id = account_id;
