#!/usr/bin/env bash
# The image of a release, and the base image that it is built on.
#   usage: tools/image.sh base     look up the base's digest, and record it in compose.yaml
#          tools/image.sh build    build nnopt-viz:RELEASE on the recorded base; EXTRAS="[parquet]"
set -euo pipefail
cd "$(dirname "$0")/.."

recorded() { sed -nE 's/^ +BASE: *//p' compose.yaml; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

looked_up() { # image: its digest, for all processors, as its registry says now
  if docker buildx version >/dev/null 2>&1; then
    docker buildx imagetools inspect "$1" --format '{{.Manifest.Digest}}'
  elif command -v skopeo >/dev/null; then
    skopeo inspect --raw "docker://$1" | skopeo manifest-digest /dev/stdin
  else
    fail "To look up a digest takes docker with buildx, or skopeo."
  fi
}

case ${1:-} in
  base)
    name=$(recorded)
    name=${name%@*}
    digest=$(looked_up "$name") || fail "The digest of $name could not be looked up; nothing is changed."
    [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || fail "This is no digest: $digest; nothing is changed."
    sed -E -i "s|^( +BASE:).*|\1 $name@$digest|" compose.yaml
    printf 'compose.yaml: %s\n' "$(recorded)"
    ;;
  build)
    engine=$(command -v docker || command -v podman) || fail "To build an image takes docker or podman."
    release=$(sed -nE 's/^version = "(.*)"/\1/p' pyproject.toml)
    "$engine" build -t "nnopt-viz:$release" -t nnopt-viz:latest \
      --build-arg BASE="$(recorded)" --build-arg EXTRAS="${EXTRAS:-}" \
      --label org.opencontainers.image.version="$release" \
      --label org.opencontainers.image.revision="$(git rev-parse HEAD)" .
    ;;
  *) fail "usage: tools/image.sh base | build" ;;
esac
