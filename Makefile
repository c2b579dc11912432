# Each target stands alone on a fresh clone: it makes .venv first. Needs make and Python 3.11 or newer with venv.

ifndef PYTHON
PYTHON := $(shell for each in python3.13 python3.12 python3.11 python3 python; do \
	$$each -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$each && break; done)
endif
NO_PYTHON = KPI Bot needs Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3-venv). Name yours: make PYTHON=/path/to/python3
BIN := .venv/bin
# One more than two cores: now and then a test waits for what it started.
WORKERS ?= 3
SHARE ?= 1
PAGE := bot/sandbox/playground
NODE_SERVES := command -v npm >/dev/null && node -e 'const [major, minor] = process.versions.node.split(".").map(Number); \
	process.exit(Number(major === 20 ? minor < 19 : major === 22 ? minor < 13 : major < 24))' 2>/dev/null

# Compiled once, not by each of the processes that tests start.
test long engines: export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test long engines lint lint-page format docs bench constraints clean

demo: .venv/.installed-run ## the whole product on this machine, until Ctrl-C
	@exec $(BIN)/kpi demo

test: .venv/.installed-dev ## every test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

long: .venv/.installed-dev ## the long forms of properties, or a share of them: make long SHARE=0.1
	KPI_LONG=$(SHARE) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long

engines: .venv/.installed-dev ## random questions on each database that is there, held against DuckDB: make engines SHARE=0.01
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt -e '.[engines]' \
		|| echo "The other engines cannot be installed here; their tests skip."
	KPI_LONG=$(SHARE) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long \
		tests/kpi_core/warehouse/engines/test_random_questions.py

lint: .venv/.installed-dev ## style, types, import contracts, generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python docs/generate.py --check
	@$(MAKE) --no-print-directory lint-page

lint-page: ## style and types of the playground's scripts
	@if $(NODE_SERVES); then $(MAKE) --no-print-directory $(PAGE)/node_modules/.installed && cd $(PAGE) && npm run check; \
	else echo "The page's scripts are not checked: that needs npm with Node.js 20.19, 22.13, 24 or newer."; fi

format: .venv/.installed-dev ## mend what ruff and prettier can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	@if $(NODE_SERVES); then $(MAKE) --no-print-directory $(PAGE)/node_modules/.installed && cd $(PAGE) && npm run format; fi

docs: .venv/.installed-dev ## write the generated documents anew
	$(BIN)/python docs/generate.py

bench: .venv/.installed-dev ## how fast an answer is, as ratios; damages to the data that nobody hears of; what a sync sends
	$(BIN)/python bench/run.py
	$(BIN)/python bench/acks.py
	$(BIN)/python bench/silent_damages.py
	$(BIN)/python bench/exports.py
	$(BIN)/python bench/sheets.py

constraints: ## constraints.txt anew: the newest versions that pyproject.toml allows
	$(if $(PYTHON),,$(error $(NO_PYTHON)))
	rm -rf build/resolve && $(PYTHON) -m venv build/resolve
	build/resolve/bin/pip install --quiet --disable-pip-version-check hatchling '.[dev,postgres]'
	build/resolve/bin/pip freeze | grep -E '^[A-Za-z0-9._-]+==' | LC_ALL=C sort -f > constraints.txt
	rm -rf build/resolve

clean: ## everything that can be made again
	rm -rf .venv $(PAGE)/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(PAGE)/node_modules/.installed: $(PAGE)/package.json $(PAGE)/package-lock.json
	@cd $(PAGE) && npm ci --ignore-scripts --silent
	@touch $@

EXTRAS_run :=
EXTRAS_dev := [dev]

# The constraints hold for the build backend too; pip calls that PIP_CONSTRAINT up to 25.2, PIP_BUILD_CONSTRAINT after.
.venv/.installed-%: pyproject.toml constraints.txt
	$(if $(PYTHON),,$(error $(NO_PYTHON)))
	@echo "Setting up .venv; once, about a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/python -m pip install \
		--quiet --disable-pip-version-check --no-input -e '.$(EXTRAS_$*)'
	@touch $@ .venv/.installed-run
