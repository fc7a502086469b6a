-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE destination_states ADD COLUMN failing_since DATETIME;
