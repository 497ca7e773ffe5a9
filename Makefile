# The project's own commands. Everything is installed from the hash-pinned locks into .venv.
# On a fresh machine these need Python 3.11 or newer, make and git, and nothing else.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
DEMO ?= demo
# Tests wait for servers and child processes: one more at once than there are processors.
WORKERS ?= $(shell "$(PYTHON)" -c 'import os; n = os.cpu_count() or 1; print(n + 1)')
# KEEP=1 keeps what an earlier demo found (the default); KEEP=0 begins afresh. SERVE=1 also serves the archive.
KEEP ?= 1
SERVE ?= 0

.PHONY: demo test thorough check lint types imports unused docker-lint lock pictures bench clean help

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1 — /'

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "alerts needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3"; exit 1; }
	@echo "Creating the environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the pinned packages …"
	@$(PIP) -r requirements-build.lock
	@$(PIP) -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-build-isolation --no-deps --no-index --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime ## run the whole service once on bundled sample sources: SQLite, mail into a folder
	@$(BIN)/alerts demo --folder $(DEMO) $(if $(filter 0,$(KEEP)),--fresh) $(if $(filter 1,$(SERVE)),--serve)

test: $(VENV)/.dev ## run the tests
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

thorough: $(VENV)/.dev ## the long journeys that `make test` leaves out: their rules have quicker tests as well
	$(BIN)/python -m pytest -n $(WORKERS) -m thorough

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

unused: $(VENV)/.dev
	$(BIN)/deptry .

docker-lint: $(VENV)/.dev
	$(BIN)/hadolint Dockerfile

check: lint types imports unused docker-lint test ## everything that must hold before a change lands

pictures: $(VENV)/.dev ## pictures of sample mails and pages, light and dark, phone and desktop, into build/pictures
	$(BIN)/python -m benchmarks.pictures build/pictures

bench: $(VENV)/.dev ## every benchmark, as ratios against a peer measured in the same run
	$(BIN)/python -m benchmarks

lock: | $(VENV)/bin/python ## make the locks anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" \
		--extra dkim --extra doctor --extra postgres --extra word -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" \
		--extra dkim --extra doctor --extra postgres --extra word --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" \
		--group build -o requirements-build.lock

clean: ## remove the environment, the demo and everything built
	rm -rf $(VENV) $(DEMO) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
