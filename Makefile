# `make help` lists what there is. Everything may be repeated: what is up to date is not done again.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
# Some machines' settings have every process compile the sources anew, and the tests start many.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STAMPS := .stamps
# The first Python here that is new enough; override with `make run PYTHON=/path/to/python3`.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# Test processes side by side: a number, or `auto` for one a core.
WORKERS ?= auto
# More words for the last command, as in `make test ARGS="-k handover"` or `make run ARGS="--port 8080"`.
ARGS ?=
UV_VERSION := 0.13.9
# Reads event logs in a test. AGPL: kept in an environment of its own, never beside the service.
PM4PY := pm4py>=2.7.23,<2.8
# Stops a storm that does not end by itself.
BOUND := $(if $(shell command -v timeout),timeout --kill-after=30 $(or $(STORM_SECONDS),1800))

.PHONY: help run test storm tck miwg event-log bench lint frontend test-tools system-packages coverage lock clean

help: ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

run: $(STAMPS)/installed frontend ## Install, set up the database with demo data, and serve on this machine
	@$(BIN)/caf demo --prepare
	exec $(BIN)/caf serve $(ARGS)

test: test-tools frontend system-packages lint ## Lint, types, import contracts and the whole suite but the storms
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

storm: test-tools frontend system-packages ## The slow tests that kill, race and flood; bounded
	@if ! grep -rqE 'mark\.storm\b' tests --include='*.py'; then echo "No storm tests yet."; exit 0; fi
	$(BOUND) $(BIN)/pytest -n $(WORKERS) --dist worksteal -m storm $(ARGS)

tck: test-tools ## Run the DMN compliance kit in DIR, as in `make tck DIR=path/to/kit`
	@if [ ! -d "$(DIR)" ]; then echo "Say where the kit is: make tck DIR=path/to/kit" >&2; exit 2; fi
	@$(BIN)/python -m tests.conformance.tck "$(abspath $(DIR))" $(ARGS)

miwg: test-tools frontend system-packages ## Take the BPMN models in DIR through the editor: nothing is lost
	@if [ ! -d "$(DIR)" ]; then echo "Say where the models are: make miwg DIR=path/to/models" >&2; exit 2; fi
	@$(BIN)/python -W ignore -m tests.conformance.miwg "$(abspath $(DIR))" $(ARGS)

event-log: test-tools frontend $(STAMPS)/pm4py/installed ## pm4py, in an environment of its own, reads the log of events; 550 MB
	@$(BOUND) $(BIN)/pytest -n 0 -m event_log tests/conformance/test_event_log.py $(ARGS)

bench: test-tools system-packages ## Measure, and print each figure beside what it must reach
	@$(BIN)/python -m bench $(ARGS)

lint: test-tools ## Ruff and mypy (import contracts are tests)
	@$(BIN)/ruff check engine web processes rules tests $(wildcard bench)
	$(BIN)/mypy

coverage: test-tools frontend system-packages ## The suite again, saying which lines no test reached
	@$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term $(ARGS)

frontend: $(STAMPS)/runtime ## Build the scripts and styles when their sources have changed
	@$(BIN)/python web/assets/bundles.py

test-tools: $(STAMPS)/test $(STAMPS)/installed

system-packages:
	@.ci/system-packages

$(VENV)/pyvenv.cfg:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or later is needed: install it, or say where it is: make run PYTHON=/path/to/python3" >&2; exit 1; fi
	echo "Making $(VENV) with $$($(PYTHON) --version) ..." >&2
	$(PYTHON) -m venv --clear $(VENV)

$(STAMPS)/runtime: requirements.lock $(VENV)/pyvenv.cfg
	@echo "Installing what the service needs ..." >&2
	$(PIP) install --require-hashes --requirement requirements.lock
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: requirements-test.lock $(STAMPS)/runtime
	@echo "Installing what the tests need ..." >&2
	$(PIP) install --require-hashes --requirement requirements-test.lock
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/pm4py/installed: requirements-event-log.lock $(VENV)/pyvenv.cfg
	@echo "Installing pm4py in an environment of its own ..." >&2
	$(BIN)/python -m venv --clear $(@D)
	$(BOUND) $(@D)/bin/python -m pip --disable-pip-version-check install --require-hashes --requirement $<
	touch $@

# A package's first appearance changes what an editable install must point at.
$(STAMPS)/installed: setup.cfg pyproject.toml $(wildcard engine/__init__.py web/__init__.py) $(STAMPS)/runtime
	@$(BIN)/python web/assets/bundles.py
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	mkdir -p $(STAMPS) && touch $@

lock: ## Choose versions again for Python 3.11 and later, with hashes; UPGRADE=1 takes newer ones
	@tool=$$(mktemp -d)
	trap 'rm -rf "$$tool"' EXIT
	$(PYTHON) -m venv "$$tool"
	"$$tool/bin/python" -m pip install --quiet uv==$(UV_VERSION)
	compile() { "$$tool/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade) "$$@"; }
	compile setup.cfg --extra build --extra test --output-file requirements-test.lock
	compile setup.cfg --extra build --constraint requirements-test.lock --output-file requirements.lock
	echo "$(PM4PY)" | compile - --output-file requirements-event-log.lock

clean: ## Remove what was installed and built; databases in var/ stay
	@rm -rf $(VENV) $(STAMPS) web/static/built web/assets/node_modules build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
	find engine web processes rules tests -name __pycache__ -type d -prune -exec rm -rf {} +
