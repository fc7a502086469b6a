-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE invitations ADD COLUMN granted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invitations ADD COLUMN reason TEXT NOT NULL DEFAULT '';
UPDATE addresses SET reason = 'recipient_invalid' WHERE state = 'failed' AND reason = 'bounced';

CREATE TABLE replaced_links (
  token_hash BLOB NOT NULL,
  account_id TEXT NOT NULL,
  invitation_id TEXT NOT NULL,
  expires_at DATETIME NOT NULL,
  PRIMARY KEY (token_hash)
) WITHOUT ROWID;
CREATE INDEX replaced_links_expired ON replaced_links (expires_at);
