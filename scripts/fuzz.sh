#!/usr/bin/env bash
# Fuzzes every target, one after the other, for FUZZTIME (20s) each. A finding is kept by
# go test under testdata/fuzz, from where "make check" runs it for ever.
set -uo pipefail
cd "$(dirname "$0")/.."
targets=$(grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's/^(.*)\/[^/]+:func (.*)$/\1 \2/' | sort -u)
[ -n "$targets" ] || {
  echo "there are no fuzz targets yet"
  exit 0
}
failed=0
while read -r folder target; do
  echo "== $folder $target"
  go test -tags slim -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}" -parallel 2 "$folder" </dev/null || failed=1
done <<<"$targets"
exit "$failed"
