#!/usr/bin/env bash
# Prints the licences of everything that is linked into a binary of Belfry: Go, the modules
# that the binary names, and the packages of the console where they are installed.
#
#   scripts/notices.sh bin/belfry-slim
set -euo pipefail
shopt -s nocaseglob
cd "$(dirname "$0")/.."

notice() { # name folder
  local found=
  for file in "$2"/LICEN[CS]E* "$2"/COPYING* "$2"/NOTICE*; do
    [ -f "$file" ] || continue
    [ -n "$found" ] || printf '==== %s\n\n' "$1"
    found=1
    cat "$file"
    printf '\n'
  done
  [ -n "$found" ] || printf '==== %s\n\nno file of a licence\n\n' "$1"
}

echo "Belfry is linked with the works of others. Their licences:"
echo
notice "Go $(go env GOVERSION)" "$(go env GOROOT)"
go version -m "$1" | awk '$1 == "dep" { print $2 }' | LC_ALL=C sort -u |
  xargs go list -mod=mod -m -f '{{.Path}} {{.Version}} {{.Dir}}' |
  while read -r path version folder; do notice "$path $version" "$folder"; done
if [ -d web/node_modules ] && command -v node >/dev/null; then
  node -e 'const all = require("./web/package-lock.json").packages
    for (const name of Object.keys(all).sort()) if (name && !all[name].dev) console.log(name)' |
    while read -r folder; do [ ! -d "web/$folder" ] || notice "${folder##*node_modules/}" "web/$folder"; done
else
  echo "What browsers get of others is named in web/package-lock.json: no package was installed here."
fi
