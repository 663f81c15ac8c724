# Everything here works on a machine with nothing but Python 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
WORKERS ?= 2

.PHONY: demo test test-all check docs clean

demo: $(VENV)/run.stamp
	$(BIN)/branchwise demo $(DEMO)
	$(BIN)/branchwise diagnose --workspace $(DEMO)
	$(BIN)/branchwise report --workspace $(DEMO)

test: check
	$(BIN)/pytest -n $(WORKERS) -m "not long"

test-all: check
	$(BIN)/pytest -n $(WORKERS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/dev.stamp
	$(BIN)/python -m tools.reference

clean:
	rm -rf build $(VENV)

$(VENV)/run.stamp: requirements.txt pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e . || $(BIN)/pip install --quiet --no-deps -e .
	touch $@

$(VENV)/dev.stamp: requirements-dev.txt pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps -e .
	touch $@
