-- +goose NO TRANSACTION
-- +goose Up
-- Who made a bot; and the account contact of the platform, so that operators can be reached as others are.
-- Each statement can be run again after a crash half-way. New columns have defaults: the previous release inserts without them.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'bots' AND column_name = 'created_by') = 0,
  'ALTER TABLE bots ADD COLUMN created_by VARCHAR(40) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

UPDATE bots SET created_by = COALESCE((SELECT o.actor_id FROM operation_logs o
  WHERE o.account_id = bots.account_id AND o.action = 'bot.create' AND o.object_id = bots.id AND o.result = 'succeeded' LIMIT 1), '')
WHERE created_by = '';

INSERT INTO contacts (id, account_id, kind, name, name_key, user_id, language, time_zone, enabled, version, created_at, updated_at)
SELECT 'ctc_00000000000000000000000000000000', 'platform', 'account', 'Platform', 'platform', '', '', '', 1, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00'
FROM accounts WHERE id = 'platform' AND NOT EXISTS (SELECT 1 FROM contacts WHERE account_id = 'platform' AND kind = 'account');
