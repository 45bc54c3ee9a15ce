# Everything runs in one virtual environment, .venv, made when missing. Needs Python 3.11+ and a package registry.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder
OUT ?= demo
# Without bytecode on disk every process compiles torch and all the rest again, which takes longer than most tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo check test lint format clean

# Half an hour, of which the installation takes the rest.
demo: $(READY)
	$(BIN)/warm-inspect demo --minutes 26 --out $(OUT)

check: $(READY)
	$(PYTEST) -m 'not slow'

test: $(READY)
	$(PYTEST)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/inspect-evals-lint --task src/warm_inspect/register/tasks.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# --no-compile: compiling every module of torch takes longer than compiling those that are imported.
$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "warm-inspect needs Python 3.11 or newer on the PATH (or: make PYTHON=/path/to/python)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) dist build
