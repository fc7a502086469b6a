-- +goose Up
-- The same as in ../mysql; a test compares them.

ALTER TABLE contacts ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN linked_user TEXT GENERATED ALWAYS AS (NULLIF(user_id, '')) VIRTUAL;
ALTER TABLE addresses ADD COLUMN leaving BOOLEAN NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX contacts_user ON contacts (account_id, linked_user);
CREATE INDEX contacts_position ON contacts (position);
CREATE INDEX contacts_latest ON contacts (created_at, id);
UPDATE contacts SET name_key = name WHERE name_key = '';

INSERT INTO positions (key, place, names) VALUES
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
