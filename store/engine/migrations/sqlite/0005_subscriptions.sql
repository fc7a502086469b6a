-- +goose Up
-- The same as in ../mysql; a test compares them.

CREATE TABLE subscription_heads (
  account_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (account_id)
) WITHOUT ROWID;

CREATE TABLE subscriptions (
  account_id TEXT NOT NULL,
  type_key TEXT NOT NULL,
  choice TEXT NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (account_id, type_key)
) WITHOUT ROWID;

CREATE TABLE subscription_changes (
  account_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  type_key TEXT NOT NULL,
  at DATETIME NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  `before` TEXT,
  `after` TEXT,
  PRIMARY KEY (account_id, version, type_key)
) WITHOUT ROWID;
CREATE INDEX subscription_changes_type ON subscription_changes (account_id, type_key, version);
CREATE INDEX subscription_changes_at ON subscription_changes (account_id, at);

CREATE TABLE preferences (
  account_id TEXT NOT NULL,
  recipient_id TEXT NOT NULL,
  allow_words TEXT,
  deny_words TEXT,
  quiet_from TEXT NOT NULL,
  quiet_to TEXT NOT NULL,
  quiet_zone TEXT NOT NULL,
  max_per_hour INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (account_id, recipient_id)
) WITHOUT ROWID;
