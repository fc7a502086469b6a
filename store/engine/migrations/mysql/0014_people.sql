-- +goose NO TRANSACTION
-- +goose Up
-- How often an invitation was sent again in a row, and what is open for a contact. Each statement can be run again after a
-- crash half-way.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'invitations' AND column_name = 'resends') = 0,
  'ALTER TABLE invitations ADD COLUMN resends BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'deliveries' AND index_name = 'deliveries_contact') = 0,
  'CREATE INDEX deliveries_contact ON deliveries (contact_id, state, notification_id)', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
