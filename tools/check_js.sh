#!/usr/bin/env bash
# Check the browser's code: types (tsc on what JSDoc says), then the linter. Prints nothing when
# all is well. Without Node nothing is checked, which one line says; in CI (CI=true) that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
  echo "The browser's code was not checked: there is no Node with npm here." >&2
  [ "${CI:-}" != true ]
  exit
fi

# Installed anew when the lock file or Node is another one than at the last time.
stamp=node_modules/.checked-with
wanted="$(node --version) $(cksum <package-lock.json)"
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  log=$(mktemp)
  npm ci --no-audit --no-fund >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  rm "$log"
  printf '%s' "$wanted" >"$stamp"
fi

node_modules/.bin/tsc -p .
node_modules/.bin/eslint --max-warnings 0 "assets/**/*.mjs" "tests/js/*.mjs" eslint.config.mjs
