#!/usr/bin/env bash
# A private MariaDB for tests: own data directory, loopback only, a free port, as
# durable as production (each commit is flushed). No service is touched.
#
#   scripts/mariadb.sh start [dir]       start it (or find it running), print its DSN
#   scripts/mariadb.sh stop [dir]        stop it and delete its directory
#   scripts/mariadb.sh run command ...   run a command with BELFRY_TEST_MYSQL_DSN set,
#                                        on a server of its own that ends with it
#
# dir defaults to one directory per user below the temporary directory.
set -euo pipefail

default_dir="${TMPDIR:-/tmp}/belfry-mariadb-$(id -u)"

fail() {
  echo "mariadb.sh: $*" >&2
  exit 1
}

# need finds a program, also where normal users do not look.
need() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" ||
    fail "$1 is not installed; scripts/install.sh installs it"
}

# running prints the process id when the server of directory $1 is alive. The
# command line is compared, so that a reused id never names a stranger.
running() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "--datadir=$1/data " || return 1
  echo "$pid"
}

create() {
  local dir=$1 install mine=()
  install=$(need mariadb-install-db)
  [ "$(id -u)" != 0 ] || mine=(--user=root)
  mkdir -p -m 700 "$dir"
  "$install" --no-defaults --datadir="$dir/data" --skip-test-db --skip-name-resolve \
    --auth-root-authentication-method=normal "${mine[@]}" \
    >"$dir/install.log" 2>&1 </dev/null || fail "cannot create a database: $(tail -n 3 "$dir/install.log")"
  password=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
  (umask 077 && cat >"$dir/init.sql" <<SQL
CREATE DATABASE IF NOT EXISTS belfry CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE OR REPLACE USER belfry@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON *.* TO belfry@'127.0.0.1' WITH GRANT OPTION;
DROP USER IF EXISTS root@localhost, root@'127.0.0.1', root@'::1';
SQL
  )
}

# serve starts the server of directory $1 on port $2 and waits until it answers;
# false when it ended instead (the port was taken). A server that starts deletes what
# others left in its folder for temporary tables, so none is shared.
serve() {
  local dir=$1 port=$2 server pid mine=()
  server=$(need mariadbd)
  [ "$(id -u)" != 0 ] || mine=(--user=root)
  setsid "$server" --no-defaults "${mine[@]}" \
    --datadir="$dir/data" --tmpdir="$dir" --socket="$dir/socket" --init-file="$dir/init.sql" \
    --bind-address=127.0.0.1 --port="$port" --skip-name-resolve \
    --innodb-flush-log-at-trx-commit=1 --sync-binlog=1 --skip-log-bin \
    --innodb-buffer-pool-size=128M --innodb-log-file-size=32M --max-connections=300 \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_bin \
    >"$dir/server.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$dir/pid"
  for _ in $(seq 300); do
    kill -0 "$pid" 2>/dev/null || return 1
    if grep -q 'ready for connections' "$dir/server.log"; then return 0; fi
    sleep 0.1
  done
  fail "the server does not get ready: $(tail -n 3 "$dir/server.log")"
}

start() {
  local dir=$1 port
  if running "$dir" >/dev/null && [ -s "$dir/dsn" ]; then
    cat "$dir/dsn"
    return
  fi
  rm -rf "$dir"
  create "$dir"
  for _ in $(seq 20); do
    port=$((RANDOM % 12000 + 20000)) # below the range of outgoing connections
    if serve "$dir" "$port"; then
      echo "mysql://belfry:$password@tcp(127.0.0.1:$port)/belfry" >"$dir/dsn"
      cat "$dir/dsn"
      return
    fi
  done
  fail "the server does not start: $(tail -n 3 "$dir/server.log")"
}

stop() {
  local dir=$1 pid
  if pid=$(running "$dir"); then
    kill "$pid"
    for _ in $(seq 300); do
      running "$dir" >/dev/null || break
      sleep 0.1
    done
    ! running "$dir" >/dev/null || kill -KILL "$pid"
  fi
  rm -rf "$dir"
}

# run keeps standard output for the command: its tests' results go there.
run() {
  [ $# -gt 0 ] || fail "run needs a command"
  own=$(mktemp -d "${TMPDIR:-/tmp}/belfry-mariadb.XXXXXX")
  trap 'stop "$own"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  BELFRY_TEST_MYSQL_DSN=$(start "$own")
  export BELFRY_TEST_MYSQL_DSN
  "$@"
}

case "${1:-}" in
start) start "${2:-$default_dir}" ;;
stop) stop "${2:-$default_dir}" ;;
run) shift && run "$@" ;;
*) fail "usage: scripts/mariadb.sh start|stop [dir] | run command ..." ;;
esac
