-- +goose NO TRANSACTION
-- +goose Up
-- What contacts are searched and linked by, and the positions that a new platform starts with. Each statement can be
-- run again after a crash half-way; see 0002.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'contacts' AND column_name = 'name_key') = 0,
  'ALTER TABLE contacts ADD COLUMN name_key VARCHAR(255) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'contacts' AND column_name = 'linked_user') = 0,
  'ALTER TABLE contacts ADD COLUMN linked_user VARCHAR(40) GENERATED ALWAYS AS (NULLIF(user_id, '''')) VIRTUAL', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'addresses' AND column_name = 'leaving') = 0,
  'ALTER TABLE addresses ADD COLUMN leaving TINYINT(1) NOT NULL DEFAULT 0', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'contacts' AND index_name = 'contacts_user') = 0,
  'CREATE UNIQUE INDEX contacts_user ON contacts (account_id, linked_user)', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'contacts' AND index_name = 'contacts_position') = 0,
  'CREATE INDEX contacts_position ON contacts (position)', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'contacts' AND index_name = 'contacts_latest') = 0,
  'CREATE INDEX contacts_latest ON contacts (created_at, id)', 'DO 0');
PREPARE change_table FROM @ddl;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

-- Names of account contacts, the only ones so far, are sign-in names of accounts: in lower case already.
UPDATE contacts SET name_key = name WHERE name_key = '';

INSERT IGNORE INTO positions (`key`, place, names) VALUES
  ('executive', 1, '{"zh-CN":"企业负责人","en-US":"Executive"}'),
  ('business_owner', 2, '{"zh-CN":"业务负责人","en-US":"Business owner"}'),
  ('project_manager', 3, '{"zh-CN":"项目负责人","en-US":"Project manager"}'),
  ('technical_lead', 4, '{"zh-CN":"技术负责人","en-US":"Technical lead"}'),
  ('developer', 5, '{"zh-CN":"开发人员","en-US":"Developer"}'),
  ('operations', 6, '{"zh-CN":"运维人员","en-US":"Operations engineer"}'),
  ('security', 7, '{"zh-CN":"安全人员","en-US":"Security engineer"}'),
  ('finance', 8, '{"zh-CN":"财务人员","en-US":"Finance"}'),
  ('procurement', 9, '{"zh-CN":"采购人员","en-US":"Procurement"}'),
  ('legal', 10, '{"zh-CN":"法务人员","en-US":"Legal"}'),
  ('other', 11, '{"zh-CN":"其他","en-US":"Other"}');
