-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE outbox ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
DROP INDEX outbox_due;
CREATE INDEX outbox_lane ON outbox (lane, due_at, notification_id, kind);

CREATE TABLE announcements (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  type TEXT NOT NULL,
  type_version INTEGER NOT NULL,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  variables TEXT,
  link TEXT NOT NULL,
  external_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  fingerprint BLOB,
  audience TEXT NOT NULL,
  per_minute INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  schedule_at DATETIME,
  expires_at DATETIME,
  next_at DATETIME,
  reached TEXT NOT NULL,
  total INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  started_at DATETIME,
  paced_at DATETIME,
  paced_from INTEGER NOT NULL,
  paged_at DATETIME,
  finished_at DATETIME,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  external_key TEXT GENERATED ALWAYS AS (NULLIF(external_id, '')) STORED,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX announcements_external ON announcements (product_id, external_key);
CREATE INDEX announcements_newest ON announcements (account_id, created_at, id);
CREATE INDEX announcements_product ON announcements (product_id, created_at, id);
CREATE INDEX announcements_due ON announcements (next_at, id);

CREATE TABLE announcement_accounts (
  announcement_id TEXT NOT NULL,
  listed_id TEXT NOT NULL,
  PRIMARY KEY (announcement_id, listed_id)
) WITHOUT ROWID;

-- One row: how long what is over is kept, in days; 0 keeps it for ever.
CREATE TABLE retention_policies (
  id TEXT NOT NULL,
  messages TEXT NOT NULL,
  notifications TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
) WITHOUT ROWID;

INSERT INTO retention_policies (id, messages, notifications, version, updated_at)
VALUES ('retention', '{"days":365}', '{"days":365}', 1, 1767225600000000);
