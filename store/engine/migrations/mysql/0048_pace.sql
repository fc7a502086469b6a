-- +goose NO TRANSACTION
-- +goose Up
-- How often each credential of a bot was called lately; the name is an HMAC.

CREATE TABLE IF NOT EXISTS pace_limits (
  name VARCHAR(64) NOT NULL,
  state LONGTEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (name),
  KEY pace_limits_used (updated_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
