#!/usr/bin/env bash
# Builds and checks the console in web/, which needs Node 20.19 or newer. Go never does.
#
#   scripts/console.sh fresh     build it where sources are newer than what was built; without Node say so
#   scripts/console.sh build     build it
#   scripts/console.sh client    write the client of the API again
#   scripts/console.sh check     types, eslint and unit tests
#   scripts/console.sh browser   the tests in a browser, against bin/belfry
#   scripts/console.sh screenshots  the pictures of the README
set -euo pipefail
cd "$(dirname "$0")/../web"
built=dist/app/index.html

node_works() {
  command -v node npm >/dev/null && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

need_node() {
  node_works && return
  echo "console.sh: the console needs Node 20.19 or newer; here is $(node --version 2>/dev/null || echo none)" >&2
  exit 1
}

packages() { # those that the lock file names, once
  cmp -s package-lock.json node_modules/.locked && return
  echo "console: installing packages (a minute)"
  npm ci --no-progress --loglevel=error
  cp package-lock.json node_modules/.locked
}

build() {
  packages
  echo "console: building"
  npm run --silent build -- --logLevel warn
}

fresh() {
  if [ -e $built ] && [ -z "$(find src bell api/generated public index.html frame.html vite.config.ts package-lock.json -newer $built -print -quit)" ]; then
    return
  fi
  if node_works; then
    build
  else
    echo "console: not built, since there is no Node 20.19 or newer: $([ -e $built ] && echo "the last one stays" || echo "pages say so")"
  fi
}

check() {
  packages
  npm run --silent types
  npm run --silent lint
  npm run --silent test
}

case ${1:-} in
  fresh) fresh ;;
  build) need_node; build ;;
  client) need_node; packages; npm run --silent client -- --silent ;;
  check) need_node; check ;;
  browser) need_node; packages; npm run --silent browser ;;
  screenshots) need_node; packages; node scripts/screenshots.mjs ../docs/images ;;
  *) echo "console.sh fresh|build|client|check|browser|screenshots" >&2; exit 2 ;;
esac
