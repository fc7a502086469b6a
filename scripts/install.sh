#!/usr/bin/env bash
# Installs the Debian packages that the build and the tests need and that are not
# there yet. Nothing is upgraded, no service is started. Go comes from the reader.
set -euo pipefail

have() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" >/dev/null
}

missing=()
have make || missing+=(make)
have git || missing+=(git)
have curl || missing+=(curl)
have gcc && [ -e /usr/include/stdlib.h ] || missing+=(gcc libc6-dev) # the race detector
have mariadbd && have mariadb-install-db || missing+=(mariadb-server-core)
have my_print_defaults || missing+=(mariadb-client-core)
have nginx || missing+=(nginx) # the tests stand behind it
have mariadb-dump || missing+=(mariadb-client) # what docs/operations.md backs up with
have sqlite3 || missing+=(sqlite3)
have openssl || missing+=(openssl)
have promtool || missing+=(prometheus) # the tests of the alerts
have chromium || missing+=(chromium) # the tests of the console
[ -n "$(find /usr/share/fonts -iname '*NotoSansCJK*' -print -quit 2>/dev/null)" ] || missing+=(fonts-noto-cjk)
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)

if [ ${#missing[@]} -gt 0 ]; then
  have apt-get || {
    echo "install.sh: no apt-get here; please install: ${missing[*]}" >&2
    exit 1
  }
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  echo "installing: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update </dev/null
  # Debian starts what it installs, unless this file says that it must not.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin /usr/sbin/policy-rc.d
    trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
    install "${missing[@]}" </dev/null
fi

node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null || {
  echo "install.sh: Node 20.19 or newer is missing: the console is built and tested with it (Debian 12 has an older one)" >&2
  exit 1
}
have go || {
  echo "install.sh: Go is missing; the version that go.mod names, or any from 1.21 on" >&2
  exit 1
}
echo "everything needed is installed: $(go version)"
