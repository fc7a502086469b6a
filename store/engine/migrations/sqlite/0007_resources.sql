-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE accounts ADD COLUMN inbox_per_resource BOOLEAN NOT NULL DEFAULT 0;

CREATE TABLE resources (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  expires_at DATETIME NOT NULL,
  release_at DATETIME,
  ladder TEXT,
  state TEXT NOT NULL,
  feed_version INTEGER NOT NULL,
  reached INTEGER NOT NULL,
  next_at DATETIME,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX resources_external ON resources (account_id, product_id, external_id);
CREATE INDEX resources_newest ON resources (account_id, created_at, id);
CREATE INDEX resources_next ON resources (account_id, next_at, id);
CREATE INDEX resources_product ON resources (product_id, created_at, id);
CREATE INDEX resources_due ON resources (next_at, id);

CREATE TABLE reminders (
  resource_id TEXT NOT NULL,
  deadline DATETIME NOT NULL,
  rung TEXT NOT NULL,
  account_id TEXT NOT NULL,
  due_at DATETIME NOT NULL,
  notification_id TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (resource_id, deadline, rung)
) WITHOUT ROWID;

CREATE TABLE calendar_feeds (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX calendar_feeds_token ON calendar_feeds (token_hash);
CREATE INDEX calendar_feeds_newest ON calendar_feeds (account_id, created_at, id);
