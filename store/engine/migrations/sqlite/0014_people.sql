-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE invitations ADD COLUMN resends INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_contact ON deliveries (contact_id, state, notification_id);
