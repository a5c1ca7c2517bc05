#!/usr/bin/env bash
# How assets/fonts/ was made: run again for a newer release (needs npm and Python).
# Inter and JetBrains Mono are shipped as published (latin); STIX Two Math is cut from
# 403 KB to the glyphs our formulas use, its MATH table kept.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/assets/fonts work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fetch() { # package: unpack its published files into ./NAME
  local name=${1##*/}
  mkdir -p "${name%@*}"
  tar xzf "$(npm pack --silent "$1")" -C "${name%@*}" --strip-components 1
}

fetch @fontsource-variable/inter@5.3.0
fetch @fontsource/jetbrains-mono@5.3.0
fetch @fontsource/stix-two-math@5.3.0
python3 -m venv tools && tools/bin/pip install -q fonttools==4.68.0 brotli

install -m 644 inter/files/inter-latin-wght-normal.woff2 "$out/inter.woff2"
install -m 644 jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2 "$out/jetbrains-mono.woff2"
# Latin, Greek, primes and dots, arrows, operators, fences, italic and bold letters.
tools/bin/pyftsubset stix-two-math/files/stix-two-math-latin-400-normal.woff2 \
  --unicodes=20-7E,A0,AC,B1,B2,B3,B7,B9,D7,F7,302,304,307,308,391-3A9,3B1-3C9,3D1,3D5,3F1,3F5,2016,2026,2032,2033,2061-2064,2070,2074-208E,210E,211D,2190-2193,21A6,21D2,2202,2205,2207,2208,220F,2211,2212,2215,2217,2219,221A,221E,2223,2225,2227,2228,222B,2248,2260,2264,2265,2266,2267,2295,2297,2299,22A4,22C5,22EF,2308-230B,27E8,27E9,1D400-1D467,1D6A8-1D71B,1D7CE-1D7D7 \
  --layout-features=ssty,flac,dtls,kern --no-hinting --desubroutinize \
  --flavor=woff2 --output-file="$out/stix-two-math.woff2"
install -m 644 inter/LICENSE "$out/inter-OFL.txt"
install -m 644 jetbrains-mono/LICENSE "$out/jetbrains-mono-OFL.txt"
install -m 644 stix-two-math/LICENSE "$out/stix-two-math-OFL.txt"
ls -l "$out"
