-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE accounts ADD COLUMN name_lower TEXT GENERATED ALWAYS AS (LOWER(name)) VIRTUAL;
CREATE INDEX accounts_name ON accounts (name_lower, id);
CREATE INDEX accounts_enabled ON accounts (enabled, created_at, id);
