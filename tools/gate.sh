#!/usr/bin/env bash
# What CI will do, before it does: HEAD in a clean clone, the whole of .ci/run there.
# On success the commit is written to .git/gate-passed.
set -euo pipefail
cd "$(dirname "$0")/.."

commit=$(git rev-parse HEAD)
[ -z "$(git status --porcelain)" ] || echo "Not committed, so not tried: $(git status --short | head -5)" >&2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
git clone -q . "$place/main"
[ ! -d ../shared ] || cp -r ../shared "$place/shared"

if (cd "$place/main" && CI=true bash .ci/run </dev/null); then
  printf '%s\n' "$commit" >"$(git rev-parse --git-path gate-passed)"
  printf '\nThe gate has passed on %s after %d min %d s.\n' "${commit:0:9}" $((SECONDS / 60)) $((SECONDS % 60))
else
  printf '\nThe gate has NOT passed on %s (%d s).\n' "${commit:0:9}" "$SECONDS" >&2
  exit 1
fi
