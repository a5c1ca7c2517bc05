# Every target sets up what it needs by itself: tools/setup.sh.
# ARGS are handed on, as in: make test ARGS="-k url"
SHELL := /bin/bash
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run test laws fuzz smoke check gate format bench claims conformance lock audit base image container
.PHONY: sbom reference picture

help: ## say what there is
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: ## set everything up and serve on http://127.0.0.1:8050
	@tools/setup.sh run
	@$(BIN)/nnopt-viz serve $(ARGS)

test: ## set everything up, the browser included, and test
	@tools/setup.sh test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 20 $(ARGS)

laws: ## the laws of verdicts, events and intervals, over 2,000 random questions each
	@tools/setup.sh test
	NNOPT_VIZ_LAWS=2000 $(BIN)/python -m pytest -n 2 tests/laws $(ARGS)

fuzz: ## ask everything of the app, at random; ARGS=200000 requests, ARGS="9000 --seed 4" others
	@tools/setup.sh test
	$(BIN)/python -m tests.support.fuzz $(or $(ARGS),10000)

smoke: check ## what to run after every change: the checks, the quick tests, one page; under 2 minutes
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not conformance and not browser" tests/contract tests/unit
	$(BIN)/python -m pytest tests/browser/test_player_units.py tests/browser/test_page.py -k "module or landing or slider_moves or clock"

gate: ## what CI will do: HEAD in a clean clone, all of .ci/run; writes .git/gate-passed
	@tools/gate.sh

check: ## format, lint, types, floors, the reference and its links, the browser's code
	@tools/setup.sh check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/contract/test_rooms.py
	$(BIN)/python tools/reference.py --check
	$(BIN)/python tools/links.py
	$(BIN)/python tools/examples.py
	@tools/check_js.sh

format: ## write the format that make check asks for
	@tools/setup.sh check
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: ## print how fast it is, as ratios against peers in the same run
	@tools/setup.sh test
	@tools/setup.sh conformance
	$(BIN)/python -m bench $(ARGS)

claims: ## measure every claim of every lesson, experiment and picture of the gallery, and keep it
	@tools/setup.sh test
	$(BIN)/python -m tools.claims $(ARGS)
	$(BIN)/python -m tools.gallery

conformance: ## compare live with torch, optax and others; writes the evidence that /catalogue shows
	@tools/setup.sh conformance
	$(BIN)/python -m pytest -n 2 -m "conformance or worked or recorded" $(ARGS)

lock: ## write locks/: versions and hashes of what runs, builds and tests; ARGS=--upgrade for newer ones
	@tools/setup.sh check
	$(BIN)/python -m tools.lock $(ARGS)

audit: ## ask the package index for known vulnerabilities of what ships
	@tools/setup.sh check
	$(BIN)/python -m tools.audit

base: ## look up the base image's digest, and record it in compose.yaml (docker with buildx, or skopeo)
	@tools/image.sh base

image: ## build nnopt-viz:RELEASE on the recorded base (docker or podman); EXTRAS="[parquet]"
	@tools/image.sh build

container: ## build the image and check it from outside (root, Debian; no Docker needed)
	bash tests/support/container_check.sh .

sbom: container ## take what the image says that it holds (CycloneDX) out of it: build/sbom.cdx.json
	@ls -l build/sbom.cdx.json

reference: ## write the generated pages and tables of the documentation
	@tools/setup.sh check
	$(BIN)/python tools/reference.py

picture: ## take the README's picture from the running page
	@tools/setup.sh test
	$(BIN)/python tools/picture.py
