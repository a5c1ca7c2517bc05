#!/usr/bin/env bash
# Make .venv hold what a task needs; do nothing when it already does.
#   usage: tools/setup.sh run | check | test | conformance
# PYTHON names an interpreter to prefer. Missing system packages are installed when this
# user may (root, or sudo without a password); otherwise one line says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

apt_install() { # package...: false when it is not allowed or not possible
  local -a as_root=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  say "installing with apt-get: $*"
  local -a apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; } >&2
}

fits() { # interpreter: is it one this project supports?
  command -v "$1" >/dev/null &&
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

find_python() {
  local name
  for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3 python; do
    if fits "$name"; then
      printf '%s' "$name"
      return
    fi
  done
  fail "No Python 3.11, 3.12 or 3.13 was found. Debian, Ubuntu: apt-get install python3 python3-venv"
}

make_venv() {
  if [ -x .venv/bin/pip ] && fits .venv/bin/python; then return; fi
  local python package
  python=$(find_python)
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    apt_install "$package" || fail "$python cannot make virtual environments. Install: apt-get install $package"
  fi
  say "making .venv with $("$python" --version)"
  rm -rf .venv
  "$python" -m venv .venv
}

install() { # task, what pip is told to fetch: once for every state of the files that decide
  local task=$1 state pip=(.venv/bin/python -m pip install -q --disable-pip-version-check)
  shift
  state=$(cat pyproject.toml locks/*.txt tools/setup.sh | sha256sum)
  if [ "$(cat ".venv/.installed-$task" 2>/dev/null)" = "$state" ]; then return; fi
  say "installing the locked dependencies into .venv ($task)"
  "${pip[@]}" "$@"
  "${pip[@]}" --no-deps --no-build-isolation -e .
  printf '%s\n' "$state" >".venv/.installed-$task"
}

install_tests() { install test --require-hashes -r locks/test.txt; }

find_chromium() {
  if command -v chromium >/dev/null; then return; fi
  apt_install chromium && command -v chromium >/dev/null ||
    fail "The browser tests need Chromium. Install: apt-get install chromium"
}

find_nginx() { # Debian puts it where only root looks
  if command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; then return; fi
  apt_install nginx-light && [ -x /usr/sbin/nginx ] ||
    fail "The tests of deploy/ need nginx. Install: apt-get install nginx-light"
}

make_venv
case ${1:-run} in
  run) install run --require-hashes -r locks/run.txt -r locks/build.txt ;;
  test)
    install_tests
    find_chromium
    find_nginx
    ;;
  check) install_tests ;;
  conformance) # the peers are pinned, without hashes: tools/lock.py says why
    install_tests
    install conformance --no-build-isolation -c locks/conformance.txt -e ".[conformance]"
    ;;
  *) fail "usage: tools/setup.sh run | check | test | conformance" ;;
esac
