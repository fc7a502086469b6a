-- +goose NO TRANSACTION
-- +goose Up
-- Envelopes that stay open for a while, and the digests that recipients want. Each statement can be run again after a crash
-- half-way; the new column may be missing: the previous release inserts without it. What is in an envelope says so in
-- deliveries.merged_into, as what another delivery leads does: the previous release leaves both alone.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'preferences' AND column_name = 'digests') = 0,
  'ALTER TABLE preferences ADD COLUMN digests LONGTEXT NULL', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

CREATE TABLE IF NOT EXISTS envelopes (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  gathers VARCHAR(191) NULL,
  category VARCHAR(64) NOT NULL,
  channel VARCHAR(32) NOT NULL,
  contact_id VARCHAR(40) NOT NULL,
  address_id VARCHAR(40) NOT NULL,
  bot_id VARCHAR(40) NOT NULL,
  recipient VARCHAR(255) NOT NULL,
  address_key VARCHAR(320) NOT NULL,
  language VARCHAR(16) NOT NULL,
  state VARCHAR(16) NOT NULL,
  reason VARCHAR(64) NOT NULL,
  attempts BIGINT NOT NULL,
  joined BIGINT NOT NULL,
  closes_at DATETIME(6) NOT NULL,
  next_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY envelopes_open (account_id, gathers),
  KEY envelopes_due (next_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
