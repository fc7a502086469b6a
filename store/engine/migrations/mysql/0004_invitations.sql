-- +goose NO TRANSACTION
-- +goose Up
-- What invitations need beside 0002. Each statement can be run again after a crash half-way. New columns have defaults:
-- the previous release inserts without them.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'invitations' AND column_name = 'granted') = 0,
  'ALTER TABLE invitations ADD COLUMN granted BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'invitations' AND column_name = 'reason') = 0,
  'ALTER TABLE invitations ADD COLUMN reason VARCHAR(64) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

UPDATE addresses SET reason = 'recipient_invalid' WHERE state = 'failed' AND reason = 'bounced';

CREATE TABLE IF NOT EXISTS replaced_links (
  token_hash VARBINARY(32) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  invitation_id VARCHAR(40) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  PRIMARY KEY (token_hash),
  KEY replaced_links_expired (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
