-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE outbox ADD COLUMN trace TEXT NOT NULL DEFAULT '';
