# `make` alone lists the words. Every word first sees to the environment, and costs nothing when it is up to date.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.made

# What came before `##` on a target's line is its word, what comes after is what it does.
.PHONY: help
help:
	@echo "Perennial 常青 – make <word>"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile

.PHONY: setup
setup: $(STAMP) ## make the environment in .venv from the lock file
	@:

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Perennial needs Python 3.11 or newer.")'
	@echo "Making the environment (about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)
	@echo "The environment is ready: .venv"

.PHONY: demo
demo: setup ## play the demo programme and serve it
	@$(BIN)/loyalty demo

.PHONY: serve
serve: setup ## serve the database that the settings name
	@$(BIN)/loyalty serve

.PHONY: test
test: setup ## run the tests (SQLite, or LOYALTY_TEST_DATABASE_URL)
	@$(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: check
check: setup ## linters, formatting, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: bench
bench: setup ## print the measurements of docs/performance.md
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@$(BIN)/python -m benchmarks $(BENCH)

# Not among the words: only whoever changes a dependency needs it. The resolver stays out of the environment.
.PHONY: lock
lock:
	@test -x build/lock/bin/uv || { $(PYTHON) -m venv build/lock && build/lock/bin/pip install -qq uv; }
	@build/lock/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock
	@build/lock/bin/uv pip compile --group bench --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --quiet --output-file benchmarks/requirements.lock
