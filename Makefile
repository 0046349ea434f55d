# `make reports` writes the sample reports on a fresh machine; `make test` proves the toolkit.
PYTHON ?= python3
DATA ?= data/sample
TO ?= reports
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: reports benchmark lab test lock clean

reports: $(VENV)/.runtime
	$(BIN)/klktools report $(DATA) --to $(TO)
	$(BIN)/klktools benchmark $(DATA) --to $(TO)

lab: $(VENV)/.runtime
	$(BIN)/klktools lab $(DATA) --to $(TO)

test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Exact versions with hashes; written again only when the dependencies are to move.
lock: $(VENV)/.dev
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml $(LOCK_OPTIONS) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev $(LOCK_OPTIONS) --output-file requirements-dev.lock

LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml requirements.lock | $(VENV)/bin/python
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --editable .
	touch $@

$(VENV)/.dev: pyproject.toml requirements-dev.lock | $(VENV)/bin/python
	$(PIP) --require-hashes --requirement requirements-dev.lock
	$(PIP) --no-deps --editable .
	touch $@

clean:
	rm -rf $(VENV) build klktools.egg-info
