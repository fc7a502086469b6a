-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE attempts ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN receipt_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN receipt_code TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN receipt_at DATETIME;
