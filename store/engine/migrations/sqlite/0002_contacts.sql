-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE accounts ADD COLUMN max_contacts INTEGER NOT NULL DEFAULT 20;
ALTER TABLE accounts ADD COLUMN max_groups INTEGER NOT NULL DEFAULT 12;
ALTER TABLE accounts ADD COLUMN max_bots INTEGER NOT NULL DEFAULT 20;
ALTER TABLE contacts ADD COLUMN position TEXT NOT NULL DEFAULT '';
ALTER TABLE addresses ADD COLUMN state_at DATETIME NOT NULL DEFAULT 0;
ALTER TABLE notifications ADD COLUMN subject_id TEXT NOT NULL DEFAULT '';
UPDATE addresses SET state_at = updated_at WHERE state_at = 0;

CREATE TABLE positions (
  key TEXT NOT NULL,
  place INTEGER NOT NULL,
  names TEXT NOT NULL,
  PRIMARY KEY (key)
) WITHOUT ROWID;

CREATE TABLE contact_groups (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX contact_groups_newest ON contact_groups (account_id, created_at, id);

CREATE TABLE contact_group_members (
  account_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  PRIMARY KEY (account_id, group_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX contact_group_members_contact ON contact_group_members (account_id, contact_id, group_id);

CREATE TABLE invitations (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  address_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  address_key TEXT NOT NULL,
  state TEXT NOT NULL,
  round INTEGER NOT NULL,
  token_hash BLOB,
  code_hash BLOB,
  sealed BLOB,
  code_tries INTEGER NOT NULL,
  code_expires_at DATETIME NOT NULL,
  link_expires_at DATETIME NOT NULL,
  sent_at DATETIME NOT NULL,
  reminders INTEGER NOT NULL,
  next_at DATETIME,
  created_at DATETIME NOT NULL,
  ended_at DATETIME,
  pending_address TEXT GENERATED ALWAYS AS (CASE WHEN state = 'pending' THEN address_id END) STORED,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX invitations_pending ON invitations (account_id, pending_address);
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_address ON invitations (account_id, address_id, created_at, id);
CREATE INDEX invitations_due ON invitations (next_at, id);

CREATE TABLE wakeups (
  subject_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  account_id TEXT NOT NULL,
  due_at DATETIME NOT NULL,
  tries INTEGER NOT NULL,
  PRIMARY KEY (subject_id)
) WITHOUT ROWID;
CREATE INDEX wakeups_due ON wakeups (due_at, subject_id);
