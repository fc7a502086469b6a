-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE notifications ADD COLUMN merged_with TEXT;
ALTER TABLE deliveries ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
