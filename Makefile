# The project's commands. Each one first sets up what it needs, once.
# They need Python >= 3.11 and a recent C library, but no root, Docker, Node or database.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
VERSION := .venv/.version
NODE_MODULES := frontend/node_modules/.installed
DASHBOARD := frontend/dist/index.html
SITE := docs/_build/html/index.html
SITE_SOURCES := $(shell find docs -name '*.md' -not -path 'docs/_build/*') docs/conf.py docs/generated.py openapi.json $(wildcard *.md reslab/lab/*.py)
DASHBOARD_SOURCES := $(shell find frontend/src frontend/public frontend/index.html frontend/*.ts \
	frontend/tsconfig.json -type f 2>/dev/null)

# Use the Node of the Python wheel, not the machine's. Its cache is in the project, because HOME may be read-only. It
# trusts the machine's own certificates, because a company's proxy may stand before the registry.
NODE = PATH="$(CURDIR)/$(BIN):$$PATH" NODE_USE_SYSTEM_CA=1 \
	npm_config_cache="$(CURDIR)/.cache/npm" npm_config_update_notifier=false

.DELETE_ON_ERROR:
.PHONY: help setup run test test-long test-all ci lint types imports schema openapi openapi-is-fresh frontend-check format bench screenshots constraints clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r verb does; do printf '  make %-18s %s\n' "$$verb" "$$does"; done

setup: $(INSTALLED) $(VERSION) $(DASHBOARD) $(SITE) ## prepare .venv (with the reslab command), frontend/dist and the help

.PHONY: wheel
wheel: setup ## build dist/reslab-*.tar.gz and, from it, dist/reslab-*.whl, with the dashboard, the help and the migrations
	rm -rf dist
	$(BIN)/python -m build --no-isolation

.PHONY: site
site: $(SITE) ## build the site from docs/, which the service shows at /help

run: setup ## start the whole service on this machine and print its URL (ARGS="--port 9000 --home DIR")
	@$(BIN)/reslab up $(ARGS)

# Three workers on two cores: a third of the time is waiting, for leases and for processes to start. Each test starts
# several Python processes, which start faster from bytecode.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist worksteal --durations=30

test: setup ## run the tests of a change, with real PostgreSQL and Valkey, and Chromium if it is installed (ARGS="-k name")
	cd frontend && $(NODE) npm test
	@echo 'Left to longer commands: make test-long (proofs of the whole system), faults (every fault), chaos, mutants,'
	@echo 'machine (2,000 sequences); RESLAB_KILLS=20 (more kills of one training), RESLAB_EXAMPLES=50 (more requests to'
	@echo 'each operation); and the benchmarks, which make help lists.'
	$(PYTEST) -m 'not long' $(ARGS)

test-long: setup ## run the tests that make test leaves out (ARGS="-k name"): hosts, the first hour, the wheel, audits …
	$(PYTEST) -m long $(ARGS)

test-all: setup ## run the tests of both, as make ci does
	cd frontend && $(NODE) npm test
	$(PYTEST) $(ARGS)

.PHONY: machine
machine: setup ## try random interleavings of three connections on the store's verbs (SEQUENCES=2000)
	RESLAB_SEQUENCES=$(or $(SEQUENCES),2000) $(BIN)/python -m pytest -n 0 tests/store/runs/test_machine.py $(ARGS)

.PHONY: faults
faults: setup ## strike every fault of docs/reliability.md on real processes and print the table (TIMES=3, WORDS="broker")
	$(BIN)/python -m tests.faults --times $(or $(TIMES),3) $(WORDS)

.PHONY: chaos
chaos: setup ## kill, stop and resume the processes of a real stack while customers use it (SEEDS="1 2 3" SECONDS=150)
	$(BIN)/python -m tests.faults.chaos --seeds $(or $(SEEDS),1 2 3) --seconds $(or $(SECONDS),150)

.PHONY: mutants
mutants: setup ## put defects into a copy of the source, one at a time, which the tests must catch (ARGS="--only fence")
	$(BIN)/python -m tests.faults.mutants $(ARGS)

.PHONY: bench-queue
bench-queue: $(INSTALLED) ## measure how fast runs are accepted and claimed, and check that none is lost (on an idle machine)
	$(BIN)/python -m benchmarks.queue $(ARGS)

.PHONY: bench-trainer
bench-trainer: $(INSTALLED) ## measure the speed of the training loop, as ratios (on an idle machine)
	$(BIN)/python -m benchmarks.trainer $(ARGS)

.PHONY: bench-ranks
bench-ranks: $(INSTALLED) ## measure what two devices cost in an iteration, as ratios (on an idle machine; ARGS="--rounds 3")
	@$(BIN)/python -m benchmarks.ranks $(ARGS)

.PHONY: bench-migrations
bench-migrations: $(INSTALLED) ## measure how long each migration takes on 100,000 runs and blocks others (ARGS="--runs 1000")
	@$(BIN)/python -m benchmarks.migrations $(ARGS)

.PHONY: bench-curves
bench-curves: $(INSTALLED) ## measure curves at the paper's scale, compared with MLflow (ARGS="--short" for a quick try)
	$(BIN)/python -m benchmarks.curves $(ARGS)

.PHONY: bench-api
bench-api: setup ## measure requests, in turns with MLflow, and what the service costs while it is idle (ARGS="--short --parts peer,stack")
	@$(BIN)/python -m benchmarks.api $(ARGS)

.PHONY: bench-supervision
bench-supervision: setup ## measure what supervision costs a training run (on an idle machine; ARGS="--rounds 3")
	@$(BIN)/python -m benchmarks.supervision $(ARGS)

.PHONY: bench-ui
bench-ui: setup ## measure the dashboard in a headless Chromium: script, drawing, memory (ARGS="--short" for a quick try, "--minutes 5")
	@$(BIN)/python -m benchmarks.ui $(ARGS)

# The checks run two at a time: each uses one core, and mypy takes as long as all the others.
ci: setup ## run all checks and every test, the long ones too
	@$(MAKE) -j2 --output-sync=target -o $(INSTALLED) -o $(NODE_MODULES) lint types imports schema openapi-is-fresh frontend-check
	@$(MAKE) -o $(INSTALLED) -o $(NODE_MODULES) -o $(DASHBOARD) -o $(SITE) test-all

lint: $(INSTALLED) ## check Python's rules and format with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## check Python's types with mypy, strict
	$(BIN)/mypy

imports: $(INSTALLED) ## check which package imports which
	$(BIN)/lint-imports

schema: $(INSTALLED) ## check that the migrations create the tables that the models describe
	$(BIN)/python -m reslab.stack.servers sh -c '$(BIN)/python -m store upgrade && $(BIN)/python -m store check'

openapi: $(NODE_MODULES) ## write openapi.json, and the types of the dashboard and of the Python client from it
	$(BIN)/python -m api openapi > openapi.json
	cd frontend && $(NODE) npm run openapi
	$(BIN)/python reslab/client/lenient.py < openapi.json | $(BIN)/datamodel-codegen

openapi-is-fresh: $(NODE_MODULES) ## fail if `make openapi` would change something
	$(BIN)/python -m api openapi | diff -u openapi.json -
	mkdir -p .cache && cp frontend/src/api/schema.gen.ts .cache/schema.gen.ts
	cd frontend && $(NODE) npm run openapi
	diff -u .cache/schema.gen.ts frontend/src/api/schema.gen.ts
	$(BIN)/python reslab/client/lenient.py < openapi.json | $(BIN)/datamodel-codegen --check

# Not beside openapi-is-fresh, which writes the types that tsc reads.
frontend-check: $(NODE_MODULES) | $(filter openapi-is-fresh,$(MAKECMDGOALS)) ## check TypeScript with tsc and Biome
	cd frontend && $(NODE) npm run check

format: $(NODE_MODULES) ## format Python and TypeScript
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd frontend && $(NODE) npx biome check --write

bench: setup ## measure what a user waits for, on an idle machine (see docs/experiments.md)
	@$(BIN)/python -m benchmarks.first_run $(ARGS)

.PHONY: bench-streams
bench-streams: $(INSTALLED) ## measure live streams with 1,000 readers that are cut off again and again (ARGS="--minutes 5 --clients 1000")
	@$(BIN)/python -m benchmarks.streams $(ARGS)

screenshots: setup ## take the README's screenshots again, with the end-to-end tests
	RESLAB_SCREENSHOTS=$(CURDIR)/docs/images $(BIN)/python -m pytest tests/e2e $(ARGS)

constraints: $(INSTALLED) ## pin the installed versions: constraints.txt, and with the hashes of their files requirements.lock
	$(BIN)/pip freeze --exclude-editable > .venv/freeze.txt
	{ sed -n '1,/^torchvision/p' constraints.txt; \
		sed -E '/^nvidia-ml-py==/b; /^(torch|torchvision|triton|cuda-[a-z]+|nvidia-[a-z0-9-]+)==/d' .venv/freeze.txt; } > .venv/constraints.txt
	mv .venv/constraints.txt constraints.txt
	$(LOCK) --all-extras -c .venv/freeze.txt -o requirements.lock pyproject.toml

# For every platform and Python, with the hash of each file, so that an index that serves another file is refused. uv reads
# what the index says of a package and downloads none. soupsieve, of the help's theme, needs Python 3.11.5.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11.5 --generate-hashes --no-annotate --no-header

.PHONY: sbom
sbom: wheel ## write beside the wheel what it needs: requirements.txt with hashes, and two lists of parts in CycloneDX's form
	$(LOCK) --extra all -c requirements.lock -o dist/requirements.txt pyproject.toml
	$(BIN)/uvx --from cyclonedx-bom==7.5.0 cyclonedx-py requirements dist/requirements.txt --pyproject pyproject.toml \
		--of JSON -o dist/reslab-python.cdx.json
	cd frontend && $(NODE) npm sbom --package-lock-only --omit dev --sbom-format cyclonedx > ../dist/reslab-dashboard.cdx.json

clean: ## delete everything that can be rebuilt, but not .reslab, the service's data
	rm -rf .venv .cache build dist docs/_build *.egg-info frontend/node_modules frontend/codegen/node_modules frontend/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Reslab needs Python >= 3.11. Choose one with: make PYTHON=python3.12 …"; exit 1; }
	@echo "Installing into .venv. The first time takes some minutes, mostly for torch."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	rm -rf reslab.egg-info # of earlier versions; Python would read its version first
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The version is the tag's and the commit's (pyproject.toml), and pip writes it down when it installs.
$(VERSION): $(INSTALLED) $(wildcard $(shell git rev-parse --git-path logs/HEAD 2>/dev/null))
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-build-isolation --no-deps -e .
	@touch $@

$(NODE_MODULES): frontend/package.json frontend/package-lock.json | $(INSTALLED)
	cd frontend && $(NODE) npm ci --no-audit --no-fund
	@touch $@

# Warnings are for tests/test_site.py: a wrong link must not keep the service from starting.
$(SITE): $(SITE_SOURCES) | $(INSTALLED)
	rm -rf docs/_build/html
	$(BIN)/python -m sphinx -q -E -b html -d docs/_build/doctrees -w docs/_build/warnings.txt docs docs/_build/html
	@touch $@

$(DASHBOARD): $(NODE_MODULES) $(DASHBOARD_SOURCES)
	cd frontend && $(NODE) npm run build
	@touch $@
