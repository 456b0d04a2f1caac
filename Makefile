# Every command that people and CI need; each sets up what it needs by itself.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help demo demo-up test check lint types imports format coverage crds chart chart-fresh bench image lock

help: ## Say what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# uv installs from the hash-locked list in seconds; pip alone would do the same in a minute.
$(INSTALLED): requirements/dev.txt requirements/uv.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

format: $(INSTALLED) ## Format and sort the code
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

lint: $(INSTALLED) ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	test ! -e operator/__init__.py # it would hide Python's own module of that name

types: $(INSTALLED) ## Check the types
	$(BIN)/mypy

imports: $(INSTALLED) ## Check that imports point one way
	PYTHONPATH=operator $(BIN)/lint-imports

check: lint types imports chart-fresh ## Check all that can be checked without running anything

# CI has two cores. A third worker has something to do while two of them wait for a clock or a server.
WORKERS ?= 3

test: check ## Check and test everything, on a real control plane (built at the first time)
	$(BIN)/python -m figgosync_controlplane build
	TZ=Pacific/Apia $(BIN)/python -m pytest tests/unit/core -q -n $(WORKERS) --dist worksteal
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

coverage: $(INSTALLED) ## Measure what the tests without a cluster cover
	$(BIN)/python -m pytest tests/unit tests/contract tests/component -n $(WORKERS) --cov --cov-report=term

chart: $(INSTALLED) ## Write what the Helm chart repeats: definitions, example, its README's table of values
	PYTHONPATH=operator $(BIN)/python -m figgosync_chart

chart-fresh: $(INSTALLED) ## Check that the chart repeats what it should
	PYTHONPATH=operator $(BIN)/python -m figgosync_chart --check

crds: $(INSTALLED) ## Hold the custom resource definitions against the models and a real API server
	$(BIN)/python -m pytest tests/e2e/test_crd*.py tests/unit/kube -q -n $(WORKERS)

demo: $(INSTALLED) ## Show the main job: Figgo, operator, real API server, Outlook; ends by itself
	$(BIN)/python -m figgosync_demo

demo-up: $(INSTALLED) ## The same world left running, to play with; Ctrl-C ends it
	$(BIN)/python -m figgosync_demo --stay

# ARGS="calls latency" measures some, ARGS=--markdown prints what docs/benchmarks.md takes over;
# ARGS="backfill backfill-growth" measures what takes an hour each.
bench: $(INSTALLED) ## Measure latency, cost, memory and cold start (15 to 20 minutes; ARGS=--quick to try)
	$(BIN)/python -m benchmarks $(ARGS)

# IMAGE, TAG and BASE may be set: docs/image.md. It needs no more than Python and docker or buildah.
image: ## Build the container image, with docker or buildah (IMAGE=registry/name TAG=version BASE=image)
	PYTHONPATH=operator $(PYTHON) -m figgosync_image $(if $(IMAGE),--image $(IMAGE)) \
	  $(if $(TAG),--tag $(TAG)) $(if $(BASE),--base $(BASE))

lock: ## Resolve the dependencies again and write the hash-locked lists
	$(BIN)/uv pip compile --quiet pyproject.toml --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements/run.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --upgrade --universal --python-version 3.11 \
	  --extra sim --extra dev -c requirements/run.txt \
	  --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements/dev.txt
	echo 'uv' | $(BIN)/uv pip compile --quiet - --upgrade -c requirements/dev.txt --universal \
	  --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements/uv.txt
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  | $(BIN)/uv pip compile --quiet - --upgrade -c requirements/dev.txt --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --custom-compile-command "make lock" -o requirements/build.txt
