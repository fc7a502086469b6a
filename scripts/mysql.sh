#!/usr/bin/env bash
# A private MySQL for tests; scripts/database.sh says what it can do. Debian's stable
# releases carry no MySQL server, its suite sid does: that one is unpacked, with the
# libraries that it needs, into .cache/mysql and started from there. Nothing of the
# system is changed, and nothing is fetched a second time.

server=mysql
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/database.sh
source "$here/database.sh"

package=mysql-server-core
cache=$(dirname "$here")/.cache
home=$cache/mysql # unpacked packages, and an empty data directory, "data"

find_server() {
  [ ! -e "$home/data" ] || return 0
  mkdir -p "$cache"
  exec 9>"$cache/mysql.lock"
  flock 9 # another process may be fetching it
  if [ ! -e "$home/data" ]; then fetch; fi
  exec 9>&-
}

# fetch makes the folder home, whole or not at all.
fetch() {
  local mirror
  for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || unavailable "$tool is not here: MySQL is fetched from Debian's packages"
  done
  work=$(mktemp -d "$cache/mysql.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "mysql.sh: fetching MySQL's server, once" >&2
  for mirror in $(mirrors); do
    if download "$mirror" >"$work/log" 2>&1; then
      unpack
      return
    fi
  done
  unavailable "no mirror of this machine has Debian's $package: $(tail -n 1 "$work/log" 2>/dev/null)"
}

# mirrors prints the mirrors that this machine uses, Debian's by its name first.
mirrors() {
  local all
  all=$(apt-get update --print-uris 2>/dev/null | sed -nE "s#^'(.*)/dists/[^']*/InRelease'.*#\1#p" | awk '!seen[$0]++')
  grep -E '/debian$' <<<"$all" || true
  grep -vE '/debian$' <<<"$all" || true
}

# download fetches the package and what it depends on from the mirror $1, with lists
# and a source of its own. Nothing counts as installed, so that it comes with every
# library; only Perl is for scripts that nobody calls.
download() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg apt names
  mkdir -p "$work/lists/partial" "$work/archives/partial"
  {
    printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\n' "$1"
    [ ! -e "$keyring" ] || echo "Signed-By: $keyring"
  } >"$work/debian.sources"
  apt=(-q -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work" -o Dir::State::status=/dev/null
    -o "Dir::Etc::sourcelist=$work/debian.sources" -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o "APT::Sandbox::User=$(id -un)" -o APT::Update::Error-Mode=any)
  apt-get "${apt[@]}" update </dev/null &&
    names=$(apt-get "${apt[@]}" -s --no-install-recommends install "$package" </dev/null |
      awk '$1 == "Inst" && $2 !~ /^(lib)?perl/ { print $2 }') && [ -n "$names" ] &&
    (cd "$work/archives" && xargs apt-get "${apt[@]}" download <<<"$names")
}

# unpack makes the folder home of the packages, with an empty data directory.
unpack() {
  local each words
  for each in "$work"/archives/*.deb; do
    dpkg-deb -x "$each" "$work/root" || fail "cannot unpack $each"
  done
  rm -rf "$home" "$work/root/usr/share/doc"
  mapfile -t words < <(program "$work/root")
  [ "$(id -u)" != 0 ] || words+=(--user=root)
  "${words[@]}" --initialize-insecure --datadir="$work/root/data" >"$work/log" 2>&1 </dev/null ||
    unavailable "MySQL's server does not work here: $(tail -n 1 "$work/log")"
  mv "$work/root" "$home"
}

# program prints the server of the folder $1 and what it needs to run there, one a
# line: its own loader and libraries, since those of the system are older.
program() {
  local loader
  loader=$(find "$1/usr" -name 'ld-linux*' -print -quit)
  printf '%s\n' "$loader" --library-path "$(find "$1/usr/lib" -name libc.so.6 -printf %h)" \
    "$1/usr/sbin/mysqld" --no-defaults --lc-messages-dir="$1/usr/share/mysql" \
    --character-sets-dir="$1/usr/share/mysql/charsets" --plugin-dir="$1/usr/lib/mysql/plugin" \
    --secure-file-priv=NULL --mysqlx=OFF --innodb-redo-log-capacity=64M
}

create() {
  cp -R "$home/data" "$1/data"
  rm -f "$1/data/auto.cnf" # its identity
}

command_of() {
  program "$home"
}

main "$@"
