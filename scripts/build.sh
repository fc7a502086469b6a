#!/usr/bin/env bash
# Builds a Go program and says how far it is: the first time, some thousand packages are
# compiled, which takes minutes.
#
#   scripts/build.sh bin/belfry [flags of go build] ./cmd/belfry
set -euo pipefail
out=$1
shift
echo "building $out"
go build -v -o "$out" "$@" 2>&1 | awk -v live="$([ -t 1 ] && echo 1 || echo 0)" '
  /^[A-Za-z0-9._~\/-]+$/ { # -v prints a line for each package that had to be compiled
    n++
    if (live) { printf "\r  %d packages compiled", n; fflush() }
    else if (n % 200 == 0) { print "  " n " packages compiled"; fflush() }
    next
  }
  { if (live && n) printf "\n"; print }
  END { if (live && n) printf "\n" }'
