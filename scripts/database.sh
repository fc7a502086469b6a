# What scripts/mariadb.sh and scripts/mysql.sh share; they source it. A private server
# for tests: own data directory, loopback only, a free port, as durable as production
# (each commit is flushed). No service is touched.
#
#   scripts/NAME.sh start [dir]       start it (or find it running), print its DSN
#   scripts/NAME.sh stop [dir]        stop it and delete its directory
#   scripts/NAME.sh run command ...   run a command with BELFRY_TEST_MYSQL_DSN set,
#                                     on a server of its own that ends with it
#   scripts/NAME.sh find              say whether there is one, and fetch it if need be
#
# dir defaults to one directory per user. Servers lie below BELFRY_TEST_DATA: left out,
# that is memory (/dev/shm) where there is room, and the temporary directory elsewhere.
# Where there is no server to be had, the script says "skipped, because ..." and ends
# with 77; with CI=true that is a failure.
#
# The script that sources this one sets server (the name), and defines
#   find_server       finds or fetches the programs
#   create dir        makes the data directory dir/data
#   command_of dir    prints the program and its arguments, one a line
# shellcheck shell=bash
set -euo pipefail
shopt -s inherit_errexit

fail() {
  echo "$server.sh: $*" >&2
  exit 1
}

# unavailable ends the script: there is no such server here, for the reason.
unavailable() {
  [ "${CI:-}" != true ] || fail "no server, and with CI=true it is needed: $*"
  [ -z "${BELFRY_TEST_SKIPPED:-}" ] || echo "skipped, because $*" >"$BELFRY_TEST_SKIPPED"
  echo "$server.sh: skipped, because $*" >&2
  exit 77
}

# data_root prints where servers lie.
data_root() {
  local free
  free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || free=0
  if [ -n "${BELFRY_TEST_DATA:-}" ]; then
    echo "$BELFRY_TEST_DATA"
  elif [ -w /dev/shm ] && [ "$((free))" -gt 2097152 ]; then # 2 GiB
    echo /dev/shm
  else
    echo "${TMPDIR:-/tmp}"
  fi
}

# running prints the process id when the server of directory $1 is alive. The
# command line is compared, so that a reused id never names a stranger.
running() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "--datadir=$1/data " || return 1
  echo "$pid"
}

# write_users writes the statements of every start.
write_users() {
  password=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
  (umask 077 && cat >"$1/init.sql" <<SQL
CREATE DATABASE IF NOT EXISTS belfry CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
DROP USER IF EXISTS belfry@'127.0.0.1';
CREATE USER belfry@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON *.* TO belfry@'127.0.0.1' WITH GRANT OPTION;
DROP USER IF EXISTS root@localhost, root@'127.0.0.1', root@'::1';
SQL
  )
}

# serve starts the server of directory $1 on port $2 and waits until it answers;
# false when it ended instead (the port was taken). A server that starts deletes what
# others left in its folder for temporary tables, so none is shared.
serve() {
  local dir=$1 port=$2 pid words
  mapfile -t words < <(command_of "$dir")
  [ "$(id -u)" != 0 ] || words+=(--user=root)
  setsid "${words[@]}" \
    --datadir="$dir/data" --tmpdir="$dir" --socket="$dir/socket" --init-file="$dir/init.sql" \
    --bind-address=127.0.0.1 --port="$port" --skip-name-resolve \
    --innodb-flush-log-at-trx-commit=1 --sync-binlog=1 \
    --innodb-buffer-pool-size=128M --max-connections=1000 \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_bin \
    >"$dir/server.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$dir/pid"
  for _ in $(seq 600); do
    kill -0 "$pid" 2>/dev/null || return 1
    if grep -q "ready for connections.*port: $port" <(tr '\n' ' ' <"$dir/server.log"); then return 0; fi
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
  find_server
  rm -rf "$dir"
  mkdir -p -m 700 "$dir"
  create "$dir"
  write_users "$dir"
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
  own=$(mktemp -d "$(data_root)/belfry-$server.XXXXXX")
  trap 'stop "$own"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  BELFRY_TEST_MYSQL_DSN=$(start "$own")
  export BELFRY_TEST_MYSQL_DSN "BELFRY_TEST_DSN_${server^^}=$BELFRY_TEST_MYSQL_DSN" # by its name, for who needs several
  "$@"
}

main() {
  case "${1:-}" in
  start | stop) "$1" "${2:-$(data_root)/belfry-$server-$(id -u)}" ;;
  run) shift && run "$@" ;;
  find) find_server ;;
  *) fail "usage: scripts/$server.sh start|stop [dir] | run command ... | find" ;;
  esac
}
