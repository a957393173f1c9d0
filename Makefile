# Everything that is done by hand or by CI has its target here. `make` alone lists them.
# A fresh machine needs Python 3.11 or newer, make and git; each target installs what it uses, once.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

HOST ?= 127.0.0.1
PORT ?= 8000
# SQLite wants one worker process; PostgreSQL takes as many as there are cores.
WORKERS ?= 1
THREADS ?= 8
# How many tests run at once, and what else to tell pytest: make test ARGS="-k booking". One more than there are cores:
# tests wait for servers, browsers and mail.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
ARGS ?=

BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
STATIC := $(shell find static -type f \( -name "*.css" -o -name "*.js" -o -name "*.svg" \))
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

.PHONY: help run test test-all check fix seed migrate screenshots translations vendor lock clean

help: ## List these targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)$$/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

run: .venv/.base .venv/.static ## Start the portal with demo data on http://127.0.0.1:8000 (PORT=, WORKERS=, DATABASE_URL=)
	@$(BIN)/python -m tools.demo_is_ready || { $(FLASK) db upgrade && $(FLASK) seed; }
	@echo "The portal answers at http://$(HOST):$(PORT)/ (Ctrl-C stops it)."
	@exec env HOST=$(HOST) PORT=$(PORT) WORKERS=$(WORKERS) THREADS=$(THREADS) $(BIN)/python -m clinic.server

test: .venv/.dev .venv/.static ## Run every test, those of pages and API on SQLite or PostgreSQL (JOBS=, ARGS=)
	@$(BIN)/python -m tools.ensure_browser
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

test-all: .venv/.dev .venv/.static ## Run every test on both databases, and hold the coverage (JOBS=, ARGS=)
	@$(BIN)/python -m tools.ensure_browser
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n $(JOBS) --dist worksteal --engines=both $(ARGS)
	@$(BIN)/python -m tools.coverage_floors

check: .venv/.dev ## Formatting, lint, types, import rules, vendored files, known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tools.vendor --check
	$(BIN)/python -m tools.audit_dependencies

fix: .venv/.dev ## Format the code and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

seed: migrate ## Fill the database with the demo clinic
	$(FLASK) seed

migrate: .venv/.base .venv/.static ## Bring the database to the newest revision
	$(FLASK) db upgrade

screenshots: .venv/.dev .venv/.static ## Take pictures of the twelve main pages, and the README's anew (ARGS="--language vi")
	@$(BIN)/python -m tools.ensure_browser
	@$(BIN)/python -m tools.screenshots $(ARGS)

translations: .venv/.dev ## Collect the texts, merge them into the catalogs, compile these
	$(BIN)/python -m tools.translations

vendor: .venv/.dev ## Fetch the vendored assets of tools/vendor.json again (needs npm)
	$(BIN)/python -m tools.vendor

lock: ## Pin requirements/*.in anew (downloads uv into a throw-away environment)
	sh tools/lock.sh

clean: ## Remove the environment, caches and reports; the database in instance/ stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist htmlcov *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@sh tools/create_venv.sh

.venv/.base: requirements/base.lock | .venv/bin/python
	@echo "Installing what the portal runs on ..."
	@$(PIP) -r requirements/base.lock
	@touch $@

.venv/.dev: requirements/dev.lock | .venv/bin/python
	@echo "Installing what the portal runs on and what its tests need ..."
	@$(PIP) -r requirements/dev.lock
	@touch .venv/.base $@

# Compressed copies of what every page needs, for WhiteNoise to serve.
.venv/.static: $(STATIC) tools/compress_static.py | .venv/.base
	@$(BIN)/python -m tools.compress_static
	@touch $@
