-- +goose Up
-- The same tables as in ../mysql; a test compares them. Times are microseconds since 1970 in UTC.

CREATE TABLE accounts (
  id TEXT NOT NULL,
  alias TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX accounts_alias ON accounts (alias);
CREATE INDEX accounts_newest ON accounts (created_at, id);

CREATE TABLE users (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  language TEXT NOT NULL,
  popups BOOLEAN NOT NULL,
  enabled BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  root_user INTEGER GENERATED ALWAYS AS (CASE WHEN kind = 'root' THEN 1 END) STORED,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX users_name ON users (account_id, name);
CREATE UNIQUE INDEX users_root ON users (account_id, root_user);
CREATE INDEX users_newest ON users (account_id, created_at, id);

CREATE TABLE products (
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  types TEXT NOT NULL,
  accounts TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX products_name ON products (name);
CREATE INDEX products_newest ON products (created_at, id);

CREATE TABLE access_keys (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  owner_kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  hash BLOB NOT NULL,
  created_at DATETIME NOT NULL,
  expires_at DATETIME,
  rotated_at DATETIME,
  revoked_at DATETIME,
  last_used_at DATETIME,
  PRIMARY KEY (id)
);
CREATE INDEX access_keys_owner ON access_keys (account_id, owner_kind, owner_id, created_at, id);

CREATE TABLE sessions (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  hash BLOB NOT NULL,
  ip TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  last_seen_at DATETIME NOT NULL,
  expires_at DATETIME NOT NULL,
  revoked_at DATETIME,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX sessions_hash ON sessions (hash);
CREATE INDEX sessions_user ON sessions (account_id, user_id, created_at, id);
CREATE INDEX sessions_expired ON sessions (expires_at);

CREATE TABLE grants (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  role TEXT NOT NULL,
  expires_at DATETIME,
  created_by TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX grants_role ON grants (account_id, user_id, role);
CREATE INDEX grants_newest ON grants (account_id, created_at, id);

CREATE TABLE contacts (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  language TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  account_contact INTEGER GENERATED ALWAYS AS (CASE WHEN kind = 'account' THEN 1 END) STORED,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX contacts_account ON contacts (account_id, account_contact);
CREATE INDEX contacts_newest ON contacts (account_id, created_at, id);

CREATE TABLE addresses (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  value TEXT NOT NULL,
  value_key TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX addresses_contact ON addresses (account_id, contact_id, channel, value_key);
CREATE INDEX addresses_value ON addresses (channel, value_key);

CREATE TABLE categories (
  `key` TEXT NOT NULL,
  position INTEGER NOT NULL,
  names TEXT NOT NULL,
  PRIMARY KEY (`key`)
);

CREATE TABLE message_types (
  type_key TEXT NOT NULL,
  category TEXT NOT NULL,
  version INTEGER NOT NULL,
  enabled BOOLEAN NOT NULL,
  origin TEXT NOT NULL,
  shipped_hash TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (type_key)
);
CREATE INDEX message_types_category ON message_types (category, type_key);

CREATE TABLE message_type_versions (
  type_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (type_key, version)
);

CREATE TABLE providers (
  id TEXT NOT NULL,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  enabled BOOLEAN NOT NULL,
  settings TEXT NOT NULL,
  secrets BLOB,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX providers_channel ON providers (channel, position, id);

CREATE TABLE bots (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  name TEXT NOT NULL,
  settings TEXT NOT NULL,
  secrets BLOB,
  hint TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX bots_newest ON bots (account_id, created_at, id);

CREATE TABLE destination_states (
  destination TEXT NOT NULL,
  account_id TEXT NOT NULL,
  paused_until DATETIME,
  suspended_at DATETIME,
  reason TEXT NOT NULL,
  failures INTEGER NOT NULL,
  last_success_at DATETIME,
  last_failure_at DATETIME,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (destination)
) WITHOUT ROWID;
CREATE INDEX destination_states_account ON destination_states (account_id, destination);

CREATE TABLE notifications (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  type TEXT NOT NULL,
  type_version INTEGER NOT NULL,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  source TEXT NOT NULL,
  product_id TEXT NOT NULL,
  language TEXT NOT NULL,
  variables TEXT,
  link TEXT NOT NULL,
  external_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  fingerprint BLOB,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  schedule_at DATETIME,
  expires_at DATETIME NOT NULL,
  cancelled_at DATETIME,
  planned_at DATETIME,
  finished_at DATETIME,
  created_at DATETIME NOT NULL,
  external_key TEXT GENERATED ALWAYS AS (NULLIF(external_id, '')) STORED,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX notifications_external ON notifications (product_id, external_key);
CREATE INDEX notifications_newest ON notifications (account_id, created_at, id);
CREATE INDEX notifications_type ON notifications (account_id, type, created_at, id);
CREATE INDEX notifications_product ON notifications (product_id, created_at, id);
CREATE INDEX notifications_open ON notifications (status, expires_at, id);

CREATE TABLE deliveries (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  notification_id TEXT NOT NULL,
  slot TEXT NOT NULL,
  channel TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  address_id TEXT NOT NULL,
  bot_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  address_key TEXT NOT NULL,
  language TEXT NOT NULL,
  locked BOOLEAN NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt_at DATETIME,
  replay_of TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  finished_at DATETIME,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX deliveries_slot ON deliveries (notification_id, slot);
CREATE INDEX deliveries_notification ON deliveries (account_id, notification_id, id);
CREATE INDEX deliveries_bot ON deliveries (bot_id, state, id);
CREATE INDEX deliveries_due ON deliveries (state, next_attempt_at, notification_id);

CREATE TABLE attempts (
  delivery_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  started_at DATETIME NOT NULL,
  finished_at DATETIME,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  provider_code TEXT NOT NULL,
  provider_message TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  PRIMARY KEY (delivery_id, number)
) WITHOUT ROWID;

CREATE TABLE messages (
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  seq INTEGER NOT NULL,
  notification_id TEXT NOT NULL,
  type TEXT NOT NULL,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  language TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  link TEXT NOT NULL,
  search_text TEXT NOT NULL,
  read_at DATETIME,
  read_by TEXT NOT NULL,
  read_by_name TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  read_state INTEGER NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT messages_read_state CHECK (read_state = CASE WHEN read_at IS NULL THEN 0 ELSE 1 END)
);
CREATE UNIQUE INDEX messages_seq ON messages (account_id, owner, seq);
CREATE INDEX messages_read ON messages (account_id, owner, read_state, seq);
CREATE INDEX messages_category ON messages (account_id, owner, category, seq);
CREATE INDEX messages_category_read ON messages (account_id, owner, category, read_state, seq);
CREATE INDEX messages_type ON messages (account_id, owner, type, seq);
CREATE INDEX messages_type_read ON messages (account_id, owner, type, read_state, seq);
CREATE INDEX messages_arrived ON messages (account_id, owner, created_at, seq);
CREATE INDEX messages_notification ON messages (notification_id);

CREATE TABLE inbox_heads (
  account_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  seq INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  last_at DATETIME NOT NULL,
  PRIMARY KEY (account_id, owner)
) WITHOUT ROWID;

CREATE TABLE outbox (
  notification_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  account_id TEXT NOT NULL,
  due_at DATETIME NOT NULL,
  tries INTEGER NOT NULL,
  PRIMARY KEY (notification_id, kind)
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (due_at, notification_id, kind);

CREATE TABLE idempotency_keys (
  scope_hash BLOB NOT NULL,
  account_id TEXT NOT NULL,
  action TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  status INTEGER NOT NULL,
  answer BLOB,
  created_at DATETIME NOT NULL,
  expires_at DATETIME NOT NULL,
  PRIMARY KEY (scope_hash)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_expired ON idempotency_keys (expires_at);

CREATE TABLE operation_logs (
  account_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at DATETIME NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  credential TEXT NOT NULL,
  roles TEXT,
  ip TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  request_id TEXT NOT NULL,
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  object_name TEXT NOT NULL,
  result TEXT NOT NULL,
  code TEXT NOT NULL,
  `before` TEXT,
  `after` TEXT,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (account_id, seq)
);
CREATE INDEX operation_logs_object ON operation_logs (account_id, object_kind, object_id, seq);
CREATE INDEX operation_logs_action ON operation_logs (account_id, action, seq);
CREATE INDEX operation_logs_actor ON operation_logs (account_id, actor_id, seq);
CREATE INDEX operation_logs_at ON operation_logs (account_id, at);

CREATE TABLE operation_heads (
  account_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (account_id)
) WITHOUT ROWID;

CREATE TABLE seals (
  account_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  at DATETIME NOT NULL,
  key_id TEXT NOT NULL,
  signature BLOB NOT NULL,
  PRIMARY KEY (account_id, seq)
) WITHOUT ROWID;

CREATE TABLE throttles (
  bucket_key TEXT NOT NULL,
  count INTEGER NOT NULL,
  window_ends_at DATETIME NOT NULL,
  PRIMARY KEY (bucket_key)
) WITHOUT ROWID;
CREATE INDEX throttles_ended ON throttles (window_ends_at);

CREATE TABLE optouts (
  account_id TEXT NOT NULL,
  address_key TEXT NOT NULL,
  type_key TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (account_id, address_key, type_key)
) WITHOUT ROWID;

-- One row: proof of which secret the configuration had when the database was new.
CREATE TABLE secret_checks (
  id INTEGER NOT NULL,
  mac BLOB NOT NULL,
  PRIMARY KEY (id)
) WITHOUT ROWID;

-- The platform is an account: its users are the operators.
INSERT INTO accounts (id, alias, name, language, time_zone, enabled, version, created_at, updated_at)
VALUES ('platform', 'platform', 'Platform', 'zh-CN', 'UTC', 1, 1, 1767225600000000, 1767225600000000);

INSERT INTO operation_heads (account_id, seq, hash)
VALUES ('platform', 0, x'0000000000000000000000000000000000000000000000000000000000000000');

INSERT INTO inbox_heads (account_id, owner, seq, revision, last_at)
VALUES ('platform', '', 0, 0, 0);
