# Everything runs in one virtual environment, .venv, made when missing. Needs Python 3.11+ and a package registry.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)-tools/.ready
COPYLEFT := GNU General Public;Affero;AGPL;GPLv2;GPLv3
PYTEST := $(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder
OUT ?= demo
# Without bytecode on disk every process compiles torch and all the rest again, which takes longer than most tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo check test adversarial lint format lock audit docs clean

# Half an hour, of which the installation takes the rest.
demo: $(READY)
	$(BIN)/warm-inspect demo --minutes 26 --out $(OUT)

check: $(READY)
	$(PYTEST) -m 'not slow'

test: $(READY)
	$(PYTEST)

# The attacks and kills of the suite, many times over; the bar is ten minutes on two processors. Passed tests tell their figures.
ATTACKS ?= 10
KILLS ?= 25
RANDOM_MIXES := tests/engine/test_exactness.py::test_random_mixes
adversarial: $(READY)
	WARM_INSPECT_ATTACKS=$(ATTACKS) WARM_INSPECT_KILLS=$(KILLS) $(PYTEST) --dist worksteal -rP --show-capture stdout \
		tests/adversarial/test_kills.py $(RANDOM_MIXES) tests/adversarial $(shell find tests -name test_kills.py)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/inspect-evals-lint --task src/warm_inspect/register/tasks.py

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The docs as a site, in site/; a slow test builds it too.
docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# --no-compile: compiling every module of torch takes longer than compiling those that are imported.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

# HASHES=1, as in CI: what is installed must be, to the byte, what requirements.lock names. Torch comes last and without a
# hash, because each kind of machine has its own build of it.
$(READY): pyproject.toml constraints.txt requirements.lock
	@test -n "$(PYTHON)" || { echo "warm-inspect needs Python 3.11 or newer on the PATH (or: make PYTHON=/path/to/python)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
ifdef HASHES
	$(PIP) --require-hashes --no-deps --requirement requirements.lock
	$(PIP) --constraint constraints.txt torch
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
else
	$(PIP) --constraint constraints.txt --editable '.[dev]'
endif
	@touch $@

# The tools of `lock` and `audit` stand apart: they are no part of what is locked.
$(TOOLS): constraints.txt
	$(PYTHON) -m venv $(VENV)-tools
	$(VENV)-tools/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv pip-licenses pip-audit
	@touch $@

# After a change of the dependencies: the versions of constraints.txt, and of all that they need, with their hashes.
lock: $(TOOLS)
	$(VENV)-tools/bin/uv pip compile pyproject.toml --extra dev --constraint constraints.txt --universal --python-version 3.11 \
		--generate-hashes --no-emit-package torch --no-annotate --custom-compile-command 'make lock' --quiet --output-file requirements.lock

# The licences of what is installed, and the published advisories for what is locked, which takes a network.
audit: $(READY) $(TOOLS)
	$(VENV)-tools/bin/pip-licenses --python $(BIN)/python --from mixed --order license --partial-match --fail-on '$(COPYLEFT)'
	$(VENV)-tools/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict

clean:
	rm -rf $(VENV) $(VENV)-tools dist build site
