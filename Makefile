# Everything here works on a machine with nothing but Python 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
WORKERS ?= 2
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input

.PHONY: demo test test-all check docs lock clean

demo: $(VENV)/run.stamp
	@$(BIN)/branchwise demo $(DEMO)
	@$(BIN)/branchwise diagnose --workspace $(DEMO)
	@$(BIN)/branchwise plan --workspace $(DEMO)
	@$(BIN)/branchwise report --workspace $(DEMO)

test: check
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long"

test-all: check
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/dev.stamp
	$(BIN)/python -m tools.reference

# Look up newer versions of the dependencies within pyproject.toml and write down their hashes.
LOCK := pip-compile --quiet --generate-hashes --no-header --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --strip-extras
lock: $(VENV)/dev.stamp
	$(BIN)/$(LOCK) --output-file requirements.txt pyproject.toml
	$(BIN)/$(LOCK) --allow-unsafe --extra dev --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf build $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "branchwise needs Python 3.11 or later: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

# The package itself is built with the setuptools whose hash is written down: no build isolation.
$(VENV)/run.stamp: requirements.txt requirements-build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements-build.txt
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements-build.txt
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
