#!/usr/bin/env bash
# Has Prometheus' own tool read the rules of alerts, and run the test of each.
set -euo pipefail
cd "$(dirname "$0")/../deploy/prometheus"
command -v promtool >/dev/null || {
  echo "alerts.sh: promtool is missing; scripts/install.sh installs it (Debian's package prometheus)" >&2
  exit 1
}
promtool check rules belfry.rules.yml
promtool test rules belfry.tests.yml
