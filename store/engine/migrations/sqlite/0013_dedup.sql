-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE notifications ADD COLUMN dedup_key TEXT NOT NULL DEFAULT '';
ALTER TABLE notifications ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notifications ADD COLUMN repeated_at DATETIME;

ALTER TABLE messages ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN repeated_at DATETIME;

CREATE TABLE dedup_windows (
  scope_hash BLOB NOT NULL,
  account_id TEXT NOT NULL,
  notification_id TEXT NOT NULL,
  ends_at DATETIME NOT NULL,
  PRIMARY KEY (scope_hash)
) WITHOUT ROWID;
CREATE INDEX dedup_windows_ended ON dedup_windows (ends_at);

-- The external ids of events that were counted: they have no notification of their own.
CREATE TABLE dedup_repeats (
  scope_hash BLOB NOT NULL,
  account_id TEXT NOT NULL,
  notification_id TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  expires_at DATETIME NOT NULL,
  PRIMARY KEY (scope_hash)
) WITHOUT ROWID;
CREATE INDEX dedup_repeats_expired ON dedup_repeats (expires_at);
