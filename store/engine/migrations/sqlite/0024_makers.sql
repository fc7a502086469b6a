-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE bots ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

UPDATE bots SET created_by = COALESCE((SELECT o.actor_id FROM operation_logs o
  WHERE o.account_id = bots.account_id AND o.action = 'bot.create' AND o.object_id = bots.id AND o.result = 'succeeded' LIMIT 1), '');

INSERT INTO contacts (id, account_id, kind, name, name_key, user_id, language, time_zone, enabled, version, created_at, updated_at)
SELECT 'ctc_00000000000000000000000000000000', 'platform', 'account', 'Platform', 'platform', '', '', '', 1, 1, 1767225600000000, 1767225600000000
WHERE NOT EXISTS (SELECT 1 FROM contacts WHERE account_id = 'platform' AND kind = 'account');
