-- +goose Up
-- The same as in ../mysql; a test compares them.

CREATE TABLE pace_limits (
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (name)
);
CREATE INDEX pace_limits_used ON pace_limits (updated_at);
