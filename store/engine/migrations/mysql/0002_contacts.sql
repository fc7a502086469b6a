-- +goose NO TRANSACTION
-- +goose Up
-- What looks after contacts, groups and invitations, and wakes workflows. Each statement can be run again after a
-- crash half-way: MySQL has no ADD COLUMN IF NOT EXISTS, so columns are added by a statement made up on the spot.
-- New columns have defaults: the previous release inserts without them.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'max_contacts') = 0,
  'ALTER TABLE accounts ADD COLUMN max_contacts BIGINT NOT NULL DEFAULT 20', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'max_groups') = 0,
  'ALTER TABLE accounts ADD COLUMN max_groups BIGINT NOT NULL DEFAULT 12', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'max_bots') = 0,
  'ALTER TABLE accounts ADD COLUMN max_bots BIGINT NOT NULL DEFAULT 20', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'contacts' AND column_name = 'position') = 0,
  'ALTER TABLE contacts ADD COLUMN position VARCHAR(64) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'addresses' AND column_name = 'state_at') = 0,
  'ALTER TABLE addresses ADD COLUMN state_at DATETIME(6) NOT NULL DEFAULT ''1970-01-01 00:00:00''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notifications' AND column_name = 'subject_id') = 0,
  'ALTER TABLE notifications ADD COLUMN subject_id VARCHAR(40) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

UPDATE addresses SET state_at = updated_at WHERE state_at = '1970-01-01 00:00:00';

CREATE TABLE IF NOT EXISTS positions (
  `key` VARCHAR(64) NOT NULL,
  place BIGINT NOT NULL,
  names LONGTEXT NOT NULL,
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS contact_groups (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  name VARCHAR(255) NOT NULL,
  version BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY contact_groups_newest (account_id, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS contact_group_members (
  account_id VARCHAR(40) NOT NULL,
  group_id VARCHAR(40) NOT NULL,
  contact_id VARCHAR(40) NOT NULL,
  PRIMARY KEY (account_id, group_id, contact_id),
  KEY contact_group_members_contact (account_id, contact_id, group_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS invitations (
  id VARCHAR(40) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  contact_id VARCHAR(40) NOT NULL,
  address_id VARCHAR(40) NOT NULL,
  channel VARCHAR(32) NOT NULL,
  address_key VARCHAR(320) NOT NULL,
  state VARCHAR(16) NOT NULL,
  round BIGINT NOT NULL,
  token_hash VARBINARY(32) NULL,
  code_hash VARBINARY(32) NULL,
  sealed LONGBLOB NULL,
  code_tries BIGINT NOT NULL,
  code_expires_at DATETIME(6) NOT NULL,
  link_expires_at DATETIME(6) NOT NULL,
  sent_at DATETIME(6) NOT NULL,
  reminders BIGINT NOT NULL,
  next_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  pending_address VARCHAR(40) GENERATED ALWAYS AS (CASE WHEN state = 'pending' THEN address_id END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY invitations_pending (account_id, pending_address),
  UNIQUE KEY invitations_token (token_hash),
  KEY invitations_address (account_id, address_id, created_at, id),
  KEY invitations_due (next_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS wakeups (
  subject_id VARCHAR(40) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  account_id VARCHAR(40) NOT NULL,
  due_at DATETIME(6) NOT NULL,
  tries BIGINT NOT NULL,
  PRIMARY KEY (subject_id),
  KEY wakeups_due (due_at, subject_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
