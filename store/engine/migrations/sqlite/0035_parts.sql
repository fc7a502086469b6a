-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE attempts ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
