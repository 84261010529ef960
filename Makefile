# Everything runs from .venv, which `setup` makes and keeps in step with the lock file.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test setup check bench validate train lock

demo: setup
	@$(BIN)/smp-tracker demo

test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q

setup: .venv/.ready

.venv/.ready: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv (about a minute)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@sh tools/install-chromium
	@touch $@

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: setup
	@$(BIN)/python -m benchmarks

validate: setup
	@$(BIN)/python -m benchmarks.validate

# The dot detector's networks, from drawn photos; about an hour.
train: setup
	@$(BIN)/python -m benchmarks.train
	@$(BIN)/python -m benchmarks.calibrate

# Compiled without index or find-links lines, so that no registry's address is committed.
lock:
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra dev pyproject.toml -o requirements-dev.lock
