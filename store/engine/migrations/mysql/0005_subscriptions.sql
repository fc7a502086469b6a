-- +goose NO TRANSACTION
-- +goose Up
-- Who hears what: the choices of accounts by message type, their history, and what recipients want for themselves.
-- Each statement can be run again after a crash half-way.

CREATE TABLE IF NOT EXISTS subscription_heads (
  account_id VARCHAR(40) NOT NULL,
  version BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS subscriptions (
  account_id VARCHAR(40) NOT NULL,
  type_key VARCHAR(64) NOT NULL,
  choice LONGTEXT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id, type_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS subscription_changes (
  account_id VARCHAR(40) NOT NULL,
  version BIGINT NOT NULL,
  type_key VARCHAR(64) NOT NULL,
  at DATETIME(6) NOT NULL,
  actor_kind VARCHAR(16) NOT NULL,
  actor_id VARCHAR(40) NOT NULL,
  actor_name VARCHAR(255) NOT NULL,
  action VARCHAR(64) NOT NULL,
  `before` LONGTEXT NULL,
  `after` LONGTEXT NULL,
  PRIMARY KEY (account_id, version, type_key),
  KEY subscription_changes_type (account_id, type_key, version),
  KEY subscription_changes_at (account_id, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS preferences (
  account_id VARCHAR(40) NOT NULL,
  recipient_id VARCHAR(40) NOT NULL,
  allow_words LONGTEXT NULL,
  deny_words LONGTEXT NULL,
  quiet_from VARCHAR(5) NOT NULL,
  quiet_to VARCHAR(5) NOT NULL,
  quiet_zone VARCHAR(64) NOT NULL,
  max_per_hour BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id, recipient_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
