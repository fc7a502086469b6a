#!/usr/bin/env bash
# Runs one step of "make check" or "make test" and notes how long it took and how it
# ended, for the table that internal/house/tally prints.
#
#   scripts/stage.sh name command ...
set -uo pipefail
name=$1
shift
results=${BELFRY_TEST_RESULTS:-.cache/results}
mkdir -p "$results"
echo "== $name"
begin=$(date +%s)
"$@"
code=$?
printf '%s %d %d\n' "$name" "$(($(date +%s) - begin))" "$code" >>"$results/stages"
exit "$code"
