# The project's verbs. Everything is set up by whichever is typed first, and once.
# Needs Python >= 3.11 and a C library of this decade: no root, no Docker, no Node, no database.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
NODE_MODULES := frontend/node_modules/.installed
DASHBOARD := frontend/dist/index.html
DASHBOARD_SOURCES := $(shell find frontend/src frontend/public frontend/index.html frontend/*.ts \
	frontend/tsconfig.json -type f 2>/dev/null)

# Node is the one from the wheel, whatever the machine has. Its cache stays in the project, as HOME may be read-only;
# the machine's own certificates count, as a proxy of the house may stand before the registry.
NODE = PATH="$(CURDIR)/$(BIN):$$PATH" NODE_USE_SYSTEM_CA=1 \
	npm_config_cache="$(CURDIR)/.cache/npm" npm_config_update_notifier=false

.DELETE_ON_ERROR:
.PHONY: help setup run test ci lint types imports schema openapi openapi-is-fresh frontend-check format bench screenshots constraints clean

help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r verb does; do printf '  make %-18s %s\n' "$$verb" "$$does"; done

setup: $(INSTALLED) $(DASHBOARD) ## prepare .venv (with the reslab command) and frontend/dist

run: setup ## start the whole service on this machine and print its URL (ARGS="--port 9000 --home DIR")
	@$(BIN)/reslab up $(ARGS)

test: setup ## run every test against real PostgreSQL and Valkey, and Chromium where there is one (ARGS="-k name")
	cd frontend && $(NODE) npm test
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

.PHONY: machine
machine: setup ## drive the verbs through random interleavings of three connections (SEQUENCES=2000)
	RESLAB_SEQUENCES=$(or $(SEQUENCES),2000) $(BIN)/python -m pytest -n 0 tests/store/runs/test_machine.py $(ARGS)

.PHONY: faults
faults: setup ## strike each fault of docs/reliability.md on stacks of its own, and print the table (TIMES=3, WORDS="broker")
	$(BIN)/python -m tests.faults --times $(or $(TIMES),3) $(WORDS)

.PHONY: chaos
chaos: setup ## kill, stop and continue the processes of a real stack while customers use it (SEEDS="1 2 3" SECONDS=150)
	$(BIN)/python -m tests.faults.chaos --seeds $(or $(SEEDS),1 2 3) --seconds $(or $(SECONDS),150)

.PHONY: mutants
mutants: setup ## sow defects into a copy of the source, one at a time: the tests must catch each (ARGS="--only fence")
	$(BIN)/python -m tests.faults.mutants $(ARGS)

.PHONY: bench-queue
bench-queue: $(INSTALLED) ## how fast runs are accepted and claimed, and that none is lost (on a machine that does nothing else)
	$(BIN)/python -m benchmarks.queue $(ARGS)

.PHONY: bench-trainer
bench-trainer: $(INSTALLED) ## how fast the training loop is, as ratios (on a machine that does nothing else)
	$(BIN)/python -m benchmarks.trainer $(ARGS)

.PHONY: bench-curves
bench-curves: $(INSTALLED) ## curves at the paper's scale, beside MLflow in a .venv of its own (ARGS="--short" for a look)
	$(BIN)/python -m benchmarks.curves $(ARGS)

.PHONY: bench-supervision
bench-supervision: setup ## what supervision costs a training (on a machine that does nothing else; ARGS="--rounds 3")
	@$(BIN)/python -m benchmarks.supervision $(ARGS)

.PHONY: bench-ui
bench-ui: setup ## the dashboard in a headless Chromium: script, drawing, memory (ARGS="--short" for a look, "--minutes 5")
	@$(BIN)/python -m benchmarks.ui $(ARGS)

ci: lint types imports schema openapi-is-fresh frontend-check test ## everything that a change must pass

lint: $(INSTALLED) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## mypy, strict
	$(BIN)/mypy

imports: $(INSTALLED) ## the arrows between the packages go one way
	$(BIN)/lint-imports

schema: $(INSTALLED) ## the migrations make the tables that the models describe
	$(BIN)/python -m reslab.stack.servers sh -c '$(BIN)/python -m store upgrade && $(BIN)/python -m store check'

openapi: $(NODE_MODULES) ## write openapi.json, and the types of the dashboard and of the Python client from it
	$(BIN)/python -m api openapi > openapi.json
	cd frontend && $(NODE) npm run openapi
	$(BIN)/python reslab/client/lenient.py < openapi.json | $(BIN)/datamodel-codegen

openapi-is-fresh: $(NODE_MODULES) ## fail where `make openapi` would change something
	$(BIN)/python -m api openapi | diff -u openapi.json -
	mkdir -p .cache && cp frontend/src/api/schema.gen.ts .cache/schema.gen.ts
	cd frontend && $(NODE) npm run openapi
	diff -u .cache/schema.gen.ts frontend/src/api/schema.gen.ts
	$(BIN)/python reslab/client/lenient.py < openapi.json | $(BIN)/datamodel-codegen --check

frontend-check: $(NODE_MODULES) ## tsc and Biome
	cd frontend && $(NODE) npm run check

format: $(NODE_MODULES) ## put Python and TypeScript in the house's shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd frontend && $(NODE) npx biome check --write

bench: setup ## measure what a user waits for, on a machine that does nothing else (see docs/experiments.md)
	@$(BIN)/python -m benchmarks.first_run $(ARGS)

.PHONY: bench-streams
bench-streams: $(INSTALLED) ## 1,000 readers of live streams, cut again and again (ARGS="--minutes 5 --clients 1000")
	@$(BIN)/python -m benchmarks.streams $(ARGS)

screenshots: setup ## make the README's picture anew, by the end-to-end test
	RESLAB_SCREENSHOTS=$(CURDIR)/docs/images $(BIN)/python -m pytest tests/e2e $(ARGS)

constraints: $(INSTALLED) ## pin what is installed now; torch's companions are torch's own to pin
	{ sed -n '1,/^torchvision/p' constraints.txt; $(BIN)/pip freeze --exclude-editable \
		| sed -E '/^nvidia-ml-py==/b; /^(torch|torchvision|triton|cuda-[a-z]+|nvidia-[a-z0-9-]+)==/d'; } > .venv/constraints.txt
	mv .venv/constraints.txt constraints.txt

clean: ## remove what can be made again; .reslab, the service's data, stays
	rm -rf .venv .cache build *.egg-info frontend/node_modules frontend/codegen/node_modules frontend/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "reslab needs Python >= 3.11; name one: make PYTHON=python3.12 …"; exit 1; }
	@echo "Installing into .venv: some minutes the first time, most of them torch."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(NODE_MODULES): frontend/package.json frontend/package-lock.json | $(INSTALLED)
	cd frontend && $(NODE) npm ci --no-audit --no-fund
	@touch $@

$(DASHBOARD): $(NODE_MODULES) $(DASHBOARD_SOURCES)
	cd frontend && $(NODE) npm run build
	@touch $@
