#!/bin/sh
# Makes Temporal's tables in MySQL, or brings them to the version of the tool: before the
# server is started the first time, and before each newer server. A repeat changes nothing.
#
#   SQL_HOST=db.internal SQL_PORT=3306 SQL_USER=temporal SQL_PASSWORD_FILE=/run/secrets/temporal-password schema.sh
#
# temporal-sql-tool is in the image temporalio/admin-tools of the server's version. MySQL from
# 8.0.17 on; MariaDB has not what the tables for visibility need. SQL_TLS and its neighbours
# are the tool's own. See docs/operations.md.
set -eu
tool=${TEMPORAL_SQL_TOOL:-temporal-sql-tool}
if [ -n "${SQL_PASSWORD_FILE:-}" ]; then
  SQL_PASSWORD=$(cat "$SQL_PASSWORD_FILE")
fi
export SQL_PASSWORD="${SQL_PASSWORD:?say SQL_PASSWORD or SQL_PASSWORD_FILE}" SQL_PLUGIN=mysql8

tables() { # database, name of its schema
  "$tool" --database "$1" create-database
  "$tool" --database "$1" setup-schema --version 0.0
  "$tool" --database "$1" update-schema --schema-name "mysql/v8/$2"
}

tables "${DBNAME:-temporal}" temporal
tables "${VISIBILITY_DBNAME:-temporal_visibility}" visibility
