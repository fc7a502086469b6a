-- +goose Up
-- The same as in ../mysql; a test compares them.

CREATE TABLE write_probes (
  id TEXT NOT NULL,
  at DATETIME NOT NULL,
  PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE INDEX write_probes_at ON write_probes (at);

CREATE TABLE upkeeps (
  task TEXT NOT NULL,
  reached TEXT NOT NULL,
  done BOOLEAN NOT NULL,
  PRIMARY KEY (task)
) WITHOUT ROWID;

INSERT INTO upkeeps (task, reached, done) VALUES ('compose-contacts', '', 0), ('compose-messages', '', 0);
