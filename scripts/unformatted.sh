#!/usr/bin/env bash
# Names the Go files that the formatter (the argument) would change; false when there are any.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(git ls-files -co --exclude-standard '*.go' | while read -r f; do [ ! -e "$f" ] || echo "$f"; done)
[ ${#files[@]} -gt 0 ] || { echo "no Go files found" >&2; exit 1; }
found=$("$1" -l "${files[@]}")
[ -z "$found" ] || {
  printf 'not formatted; run "make format":\n%s\n' "$found" >&2
  exit 1
}
