-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE preferences ADD COLUMN digests TEXT;

CREATE TABLE envelopes (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  gathers TEXT,
  category TEXT NOT NULL,
  channel TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  address_id TEXT NOT NULL,
  bot_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  address_key TEXT NOT NULL,
  language TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  joined INTEGER NOT NULL,
  closes_at DATETIME NOT NULL,
  next_at DATETIME,
  created_at DATETIME NOT NULL,
  finished_at DATETIME,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX envelopes_open ON envelopes (account_id, gathers);
CREATE INDEX envelopes_due ON envelopes (next_at, id);
