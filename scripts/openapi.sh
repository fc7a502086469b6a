#!/usr/bin/env bash
# What others make of the OpenAPI document. It needs Node 20.19 or newer.
#
#   scripts/openapi.sh lint      Redocly's recommended rules: no error
#   scripts/openapi.sh clients   oapi-codegen, openapi-typescript and orval each write a client, which is compiled
set -euo pipefail
cd "$(dirname "$0")/../tools/openapi"
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

need_node() {
  command -v node npm >/dev/null && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' && return
  echo "openapi.sh: the document is checked with Node 20.19 or newer; here is $(node --version 2>/dev/null || echo none)" >&2
  exit 1
}

packages() { # those that the lock file names, once; two stages may ask at the same time
  mkdir -p ../../.cache
  exec 9>../../.cache/openapi.lock
  flock 9
  cmp -s package-lock.json node_modules/.locked || {
    echo "openapi: installing packages (a minute)"
    npm ci --no-progress --loglevel=error
    cp package-lock.json node_modules/.locked
  }
  exec 9>&-
}

# document is what the server serves: a test keeps web/api/openapi.json so, but for servers.
document() {
  node -e 'const d = JSON.parse(require("fs").readFileSync(process.argv[1])); d.servers = [{ url: "/" }]; console.log(JSON.stringify(d, null, 1))' \
    ../../web/api/openapi.json >"$1.new"
  mv "$1.new" "$1"
}

lint() {
  document lint.json # another file: both stages may run at once
  node_modules/.bin/redocly lint --extends recommended lint.json
}

clients() {
  document openapi.json
  echo "openapi: oapi-codegen"
  go tool oapi-codegen -generate types,client -package client -o client/client.gen.go openapi.json
  go build ./client
  echo "openapi: openapi-typescript"
  node_modules/.bin/openapi-typescript openapi.json -o types/belfry.d.ts >/dev/null
  echo "openapi: orval"
  node_modules/.bin/orval --config orval.config.cjs >/dev/null
  node_modules/.bin/tsc -p tsconfig.json
}

case ${1:-} in
  lint) need_node; packages; lint ;;
  clients) need_node; packages; clients ;;
  *) echo "openapi.sh lint|clients" >&2; exit 2 ;;
esac
