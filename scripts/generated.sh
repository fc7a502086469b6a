#!/usr/bin/env bash
# Runs a generator (the arguments) and names the tracked files that it changed; false when
# there are any. Compares contents, not commits: uncommitted work is no difference.
set -euo pipefail
cd "$(dirname "$0")/.."
sums() { # a tracked file that was deleted has no sum
  git ls-files -co --exclude-standard -z | { xargs -0 sha256sum 2>/dev/null || true; } | sort -k2
}
before=$(mktemp)
trap 'rm -f "$before"' EXIT
sums >"$before"
"$@"
changed=$(sums | { diff "$before" - || true; } | sed -nE 's/^[<>] [0-9a-f]+ +//p' | sort -u)
[ -z "$changed" ] || {
  printf 'generated files were out of date; commit what "make generate" wrote:\n%s\n' "$changed" >&2
  exit 1
}
