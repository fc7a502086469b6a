#!/usr/bin/env bash
# A private MariaDB for tests, from the programs of this machine; scripts/database.sh
# says what it can do.

server=mariadb
# shellcheck source=scripts/database.sh
source "$(dirname "${BASH_SOURCE[0]}")/database.sh"

find_server() {
  program=$(find_program mariadbd)
  install=$(find_program mariadb-install-db)
}

# find_program looks for a program, also where normal users do not look.
find_program() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" ||
    unavailable "$1 is not installed; scripts/install.sh installs it"
}

create() {
  local dir=$1 mine=()
  [ "$(id -u)" != 0 ] || mine=(--user=root)
  "$install" --no-defaults --datadir="$dir/data" --skip-test-db --skip-name-resolve \
    --auth-root-authentication-method=normal "${mine[@]}" \
    >"$dir/install.log" 2>&1 </dev/null || fail "cannot create a database: $(tail -n 3 "$dir/install.log")"
}

command_of() {
  printf '%s\n' "$program" --no-defaults --skip-log-bin --innodb-log-file-size=32M
}

main "$@"
