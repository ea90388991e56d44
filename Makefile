PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests wait more than they reckon, so there is one process more than there are processors.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# What measures time comes before them, or it would measure its neighbours.
TIMED := tests/test_link.py
SIDE_BY_SIDE := -n $(WORKERS) --dist worksteal $(addprefix --ignore=,$(TIMED))
# Set to 1 to make a missing skopeo, docker-registry or act a failure instead of a skip.
export REQUIRE_REAL_PEERS ?= 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: $(VENV)/run.done ## Mirror real images between two registries on this machine
	@PYTHONPATH=src $(BIN)/python -m registry_mirror demo

.PHONY: test
test: needs := skopeo docker-registry shellcheck
test: $(VENV)/dev.done ## Run everything that CI runs: static checks and all tests
	@scripts/need $(needs)
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest $(TIMED)
	$(BIN)/pytest $(SIDE_BY_SIDE)

.PHONY: test-fast
test-fast: $(VENV)/dev.done ## Run the tests but the slow ones; what isn't installed is skipped
	REQUIRE_REAL_PEERS= $(BIN)/pytest -m "not slow" $(TIMED)
	REQUIRE_REAL_PEERS= $(BIN)/pytest -m "not slow" $(SIDE_BY_SIDE)

.PHONY: bench
bench: needs := skopeo docker-registry
bench: $(VENV)/run.done ## Measure this program beside its peers, as ARGS="--scenario fleet" says
	@scripts/need $(needs)
	@$(BIN)/python -m bench $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/fuzz.done ## Fuzz what reads strangers' bytes, as ARGS="requests --minutes 20" says
	@PYTHONPATH=src $(BIN)/python -m fuzz $(ARGS)

.PHONY: lint
lint: needs := shellcheck
lint: $(VENV)/dev.done ## Run the static checks alone
	@scripts/need $(needs)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	shellcheck action/install.sh scripts/need .ci/run

.PHONY: format
format: $(VENV)/dev.done ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: golden
golden: $(VENV)/dev.done ## Write the golden files anew; read the difference before you commit it
	UPDATE_GOLDEN=1 $(BIN)/pytest -q tests/test_report_golden.py

.PHONY: lock
lock: ## Pin the newest versions of all dependencies anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade requirements/run.in -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade requirements/dev.in -c requirements/run.txt -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade requirements/fuzz.in -o requirements/fuzz.txt

.PHONY: clean
clean: ## Remove what the other targets made
	rm -rf $(VENV) .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# What the goal needs besides is asked for here as well, so that all of it is told at once.
$(VENV)/bin/python:
	@! command -v $(PYTHON) > /dev/null || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) \
		and "Python 3.11 or later is needed, and $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12" \
		% sys.version_info[:2])'
	@scripts/need $(PYTHON)-venv $(needs)
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.done: requirements/run.txt | $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/dev.done: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/fuzz.done: requirements/fuzz.txt $(VENV)/run.done
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@
