-- +goose NO TRANSACTION
-- +goose Up
-- What processes write to learn whether the database takes it, and how far rows of earlier releases were brought into the form
-- of today. Each statement can be run again after a crash half-way.

CREATE TABLE IF NOT EXISTS write_probes (
  id VARCHAR(40) NOT NULL,
  at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY write_probes_at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS upkeeps (
  task VARCHAR(40) NOT NULL,
  reached VARCHAR(40) NOT NULL,
  done BOOLEAN NOT NULL,
  PRIMARY KEY (task)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT IGNORE INTO upkeeps (task, reached, done) VALUES ('compose-contacts', '', FALSE), ('compose-messages', '', FALSE);
