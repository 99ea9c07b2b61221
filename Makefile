# casebridge on one machine: `make demo` shows it, `make up` runs it. Needs Python 3.11 or newer with venv; no root, no Docker.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
PORT ?=
ARGS ?=
# Two processes run the tests: what needs the whole of Airflow stays in one of them.
WORKERS ?= 2
NAME ?=
TITLE ?=

# Without compiled files each of Airflow's processes would compile Airflow anew.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV

BIN := .venv/bin
RUN := $(BIN)/python
STACK := exec $(RUN) -m stack
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"

.PHONY: help install install-dev demo up env down status test proof connector behaviours bench check format lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

define check_python
command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or newer, or name one, as in 'make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3'."; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "casebridge needs Python 3.11 or newer, and $$($(PYTHON) --version 2>&1) is older: name another one, as in 'make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12'."; exit 1; }
endef

install: ## Install the locked packages into .venv; the targets below do it by themselves
	@$(check_python)
	@exec $(PYTHON) -m stack.install

install-dev:
	@$(check_python)
	@exec $(PYTHON) -m stack.install --dev

demo: install ## Start everything, show what casebridge does, stop everything: under two minutes
	@$(STACK) demo $(if $(PORT),--port $(PORT))

up: install ## Start everything and stay up until Ctrl-C; PORT=8080 asks for a certain port
	@$(STACK) up $(if $(PORT),--port $(PORT))

env: ## Print the variables that the casebridge command needs for what runs here: eval "$$(make env)"
	@test -x $(RUN) || { echo "casebridge is not running here." >&2; exit 1; }; $(RUN) -m stack env

down: ## Stop what `make up` started here
	@test -x $(RUN) || { echo "casebridge is not running here."; exit 0; }; $(STACK) down

status: ## Say whether casebridge runs here, at which address and with which login
	@test -x $(RUN) || { echo "casebridge is not running here."; exit 0; }; $(RUN) -m stack status || test $$? -eq 3

test: install-dev ## Run the whole test suite; ARGS="-k whitespace" picks tests
	@$(RUN) -m pytest --numprocesses $(WORKERS) --no-loadscope-reorder $(ARGS)

proof: install-dev ## Run the tests with every repetition of every claim
	@CASEBRIDGE_PROOF=full $(RUN) -m pytest $(ARGS)

connector: install-dev ## Write a new connector that passes the contract suite: NAME=confirm TITLE="Confirm"
	@$(RUN) -m stack.scaffold "$(NAME)" --title "$(TITLE)"

behaviours: install-dev ## List each promised behaviour with the tests that prove it
	@$(RUN) -m tests.behaviours $(ARGS)

bench: install-dev ## Measure throughput and latency on this machine
	@$(RUN) -m tests.bench $(ARGS)

check: install-dev ## Check style, types and the direction of imports
	@$(RUN) -m ruff check --quiet .
	@$(RUN) -m ruff format --check --quiet .
	@$(RUN) -m mypy
	@PYTHONPATH=plugins:. $(BIN)/lint-imports --no-cache

format: install-dev ## Bring the code into its style
	@$(RUN) -m ruff check --quiet --fix-only .
	@$(RUN) -m ruff format --quiet .

lock: install ## Compile requirements/*.in into locks with hashes; ARGS=--upgrade takes newer versions
	@$(COMPILE) $(ARGS) requirements/uv.in -o requirements/uv.txt
	@$(COMPILE) $(ARGS) requirements/runtime.in -o requirements.txt
	@$(COMPILE) $(ARGS) requirements/dev.in -o requirements/dev.txt

clean: ## Stop what runs here and delete its data, logs and caches; .venv stays
	@test ! -x $(RUN) || $(RUN) -m stack clean
	@rm -rf .casebridge .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
