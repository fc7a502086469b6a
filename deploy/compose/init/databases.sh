#!/bin/sh
# Runs once, in an empty MySQL: three databases, and for Belfry two users. Only the one that
# migrates may change tables: nobody can empty an operation log with the other.
set -eu
secret() { cat "/run/secrets/$1-password"; }
MYSQL_PWD=$(secret mysql-root) mysql -u root <<SQL
CREATE DATABASE belfry CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER belfry_migrate@'%' IDENTIFIED BY '$(secret migrate)';
GRANT ALL PRIVILEGES ON belfry.* TO belfry_migrate@'%';
CREATE USER belfry@'%' IDENTIFIED BY '$(secret belfry)';
GRANT SELECT, INSERT, UPDATE, DELETE ON belfry.* TO belfry@'%';
CREATE DATABASE temporal CHARACTER SET utf8mb4;
CREATE DATABASE temporal_visibility CHARACTER SET utf8mb4;
CREATE USER temporal@'%' IDENTIFIED BY '$(secret temporal)';
GRANT ALL PRIVILEGES ON temporal.* TO temporal@'%';
GRANT ALL PRIVILEGES ON temporal_visibility.* TO temporal@'%';
SQL
