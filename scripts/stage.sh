#!/usr/bin/env bash
# Runs one step of "make check" or "make test" and notes how long it took and how it
# ended, for the table that internal/house/tally prints. A command that cannot do its
# work here ends with 77 and writes why into the file BELFRY_TEST_SKIPPED.
#
#   scripts/stage.sh name command ...
set -uo pipefail
name=$1
shift
results=${BELFRY_TEST_RESULTS:-.cache/results}
mkdir -p "$results"
echo "== $name"
begin=$(date +%s)
export BELFRY_TEST_SKIPPED="$PWD/$results/$name.skipped"
rm -f "$BELFRY_TEST_SKIPPED"
"$@"
code=$?
if [ "$code" = 77 ] && [ -s "$BELFRY_TEST_SKIPPED" ]; then code=0; fi
printf '%s %d %d\n' "$name" "$(($(date +%s) - begin))" "$code" >>"$results/stages"
exit "$code"
