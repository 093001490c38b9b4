# One command each; `make` alone lists them. GNU Make 3.81 or newer, Python 3.11 or newer.

PYTHON ?= python3
# Each of the two begins with a half: what the tests of a file share is made once.
PYTEST_ARGS ?= -n 2 --dist worksteal
# Passed on by `make lock`, for example LOCK_ARGS="--upgrade-package pydantic".
LOCK_ARGS ?=

# Paths stay relative, so that a checkout below a folder with spaces works.
VENV := .venv
BIN := $(VENV)/bin
# Written last: an interrupted set-up has no stamp and starts again.
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet $(LOCK_ARGS)
LOCK_AUDIT := $(subst pyproject.toml,--group audit,$(LOCK))

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-scale lint fuzz record screenshots train lock audit sbom wheel clean

help: ## list the commands
	@echo "Usage: make COMMAND"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/  \1	\2/p' Makefile | expand -t 15
	@echo
	@echo "PYTHON=python3.12 picks the interpreter, PYTEST_ARGS='-n 0 -k offsets' what pytest is given."

setup: $(STAMP) ## make .venv from the hash-pinned lock (again only when the lock changed)

# pip uninstalls nothing on its own, but every pinned version is put right.
$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Assay needs Python 3.11 or newer; '$(PYTHON)' says: $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name another one: make setup PYTHON=python3.12" >&2; \
		exit 1; }
	@rm -f $(STAMP)
	@$(PIP) --version >/dev/null 2>&1 || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); } || { \
		rm -rf $(VENV); \
		echo "The environment could not be made; on Debian and Ubuntu install python3-venv." >&2; \
		exit 1; }
	@echo "Installing the pinned packages into $(VENV); the first time takes a few minutes."
	@$(PIP) install -qq --require-hashes -r requirements-dev.txt
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $(STAMP)
	@echo "Ready: $(BIN)/assay --help"

demo: setup ## check the example article and write its report
	@$(BIN)/assay demo

test: setup ## run all tests
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

test-scale: setup ## run the tests that start a cluster, a PostgreSQL or a Chroma server
	@$(BIN)/python -m pytest -n 0 -m scale

lint: setup ## check format, lint rules, types and layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache

# For the night: a million inputs a target. `FUZZ="pdf dates"` names targets, MINUTES=5 ends each
# after so much of the processor, SEED=7 repeats a run. `.ci/run` tries a few thousand each time.
INPUTS ?= 1000000

fuzz: setup ## put altered inputs to every parser and writer (FUZZ= INPUTS= MINUTES= SEED=)
	@$(BIN)/python -m evals.fuzzing $(FUZZ) --inputs $(INPUTS) \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

record: setup ## record the test cassettes again from a real provider
	@if [ -z "$$OPENAI_API_KEY" ]; then \
		echo "Recording talks to a real provider and costs money: set OPENAI_API_KEY" \
			"(and OPENAI_BASE_URL for another one than OpenAI)." >&2; \
		exit 1; fi
	@$(BIN)/python -m tests.record

screenshots: setup ## take the pictures of the documentation anew (needs Chromium)
	@$(BIN)/python -m tests.screenshots

# What the judge is trained on and measured on; see evals/README.md.
BENCHMARKS ?= $(ASSAY_BENCHMARKS)
# Only training needs torch. `TORCH=torch==2.13.0`, for example, names the build to install.
TORCH ?= torch
TRAIN := .venv-train
RUN ?= runs/judge

train: ## train the judge anew and calibrate it (an hour or two on two cores; resumes)
	@test -d "$(BENCHMARKS)/train" || { \
		echo "Training needs the benchmark data: make train BENCHMARKS=folder" >&2; exit 1; }
	@test -x $(TRAIN)/bin/python || $(PYTHON) -m venv $(TRAIN)
	@$(TRAIN)/bin/python -m pip --disable-pip-version-check --no-input install -q "$(TORCH)"
	@$(TRAIN)/bin/python -m pip --disable-pip-version-check --no-input install -q --editable '.[train]'
	@test -f $(RUN)/pairs/second.jsonl || $(TRAIN)/bin/python -m tools.training.mixture \
		"$(BENCHMARKS)/train" --tests "$(BENCHMARKS)/verify_dev" --tests "$(BENCHMARKS)/e2e" \
		--tests evals/suites --tests evals/example --out $(RUN)/pairs
	@test -f $(RUN)/model.safetensors || $(TRAIN)/bin/python -m tools.training.train \
		--pairs $(RUN)/pairs/first.jsonl --pairs $(RUN)/pairs/second.jsonl --out $(RUN)
	@$(TRAIN)/bin/python -m tools.models.export judge --weights $(RUN)/model.safetensors
	@ASSAY_BENCHMARKS="$(BENCHMARKS)" $(TRAIN)/bin/python -m evals.judge.calibrate \
		--held $(RUN)/pairs/held.jsonl --cache $(RUN)/cache --write
	@ASSAY_BENCHMARKS="$(BENCHMARKS)" $(TRAIN)/bin/python -m evals.judge.calibrate_claims \
		--cache $(RUN)/cache --write

lock: ## resolve the lock files anew, from releases a week old (needs uv)
	@command -v uv >/dev/null || { \
		echo "Only this command needs uv: https://docs.astral.sh/uv/ says how to install it." >&2; \
		exit 1; }
	@$(LOCK) --output-file requirements.txt
	@$(LOCK) --extra dev --extra batch --extra ray --extra postgres --constraint requirements.txt --output-file requirements-dev.txt
	@$(LOCK_AUDIT) --constraint requirements-dev.txt --output-file requirements-audit.txt
	@echo "Wrote requirements.txt, requirements-dev.txt and requirements-audit.txt;" \
		"make setup installs them."

# Apart from the environment of `make setup`: nobody needs these tools to work on the program.
AUDIT := .venv-audit
# For example AUDIT_ARGS="--osv-url http://…/v1/query", another server of the same database.
AUDIT_ARGS ?=

$(AUDIT)/.installed: requirements-audit.txt
	@rm -f $@
	@test -x $(AUDIT)/bin/python || $(PYTHON) -m venv $(AUDIT)
	@echo "Installing the pinned tools of the audit into $(AUDIT)."
	@$(AUDIT)/bin/python -m pip --disable-pip-version-check --no-input install -qq \
		--require-hashes -r requirements-audit.txt
	@touch $@

audit: setup $(AUDIT)/.installed ## look for known vulnerabilities in the pinned packages
	@$(BIN)/python -m tests.audit --pip-audit $(AUDIT)/bin/pip-audit $(AUDIT_ARGS)

# Without time and serial number, so that it follows from the lock alone; written twice to see it.
SBOM := $(AUDIT)/bin/python -W ignore::UserWarning -m cyclonedx_py requirements \
	--pyproject pyproject.toml --spec-version 1.6 --output-reproducible

sbom: $(AUDIT)/.installed ## write the bills of materials, dist/*.cdx.json
	@mkdir -p dist
	@$(SBOM) -o dist/sbom.cdx.json requirements.txt
	@$(SBOM) -o dist/sbom-dev.cdx.json requirements-dev.txt
	@for lock in "" -dev; do \
		$(SBOM) --no-validate -o - requirements$$lock.txt | cmp - dist/sbom$$lock.cdx.json || exit 1; done
	@echo "Wrote dist/sbom.cdx.json and dist/sbom-dev.cdx.json (CycloneDX 1.6)."

# Hatchling puts a fixed day, or SOURCE_DATE_EPOCH, in place of the files' own times.
wheel: setup ## build sdist and wheel, and the wheel again from the sdist, byte for byte
	@rm -rf dist/again dist/assay_factcheck-* && mkdir -p dist/again
	@$(BIN)/python -m hatchling build -d dist 2>/dev/null
	@tar -xzf dist/assay_factcheck-*.tar.gz -C dist/again
	@cd dist/again/assay_factcheck-*/ && \
		"$(CURDIR)/$(BIN)/python" -m hatchling build -t wheel -d .. 2>/dev/null
	@cmp dist/assay_factcheck-*.whl dist/again/assay_factcheck-*.whl
	@rm -rf dist/again
	@echo "Wrote dist/*.tar.gz and dist/*.whl; the sdist gives the same wheel, byte for byte."

clean: ## remove caches, build products and the demo's files (not .venv)
	@rm -rf demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find agent prompts tools evals tests -name __pycache__ -type d -prune -exec rm -rf {} +
