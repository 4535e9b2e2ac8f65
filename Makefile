# Portiere's front door. A machine with git, make and a python3 is enough: everything else comes from PyPI and npm.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON := .venv/bin/python
STAMP := .venv/.synced
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3
export UV_LINK_MODE := copy

# A uv that works: the one on the path, or one of our own under .tools/ (a pyenv shim may be there and fail).
UV := $(shell if uv --version >/dev/null 2>&1; then echo uv; else echo .tools/uv/bin/uv; fi)

.PHONY: help
help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

.PHONY: run
run: $(STAMP) ## Prepare what is missing and run the service: http://localhost:5005 (PORT=… moves it)
	@exec $(PYTHON) -m bot.cli.main run

.PHONY: train
train: $(STAMP) ## Train the model, if its sources have changed
	@$(PYTHON) -m bot.cli.main train

.PHONY: test
test: $(STAMP) ## Everything that CI runs
	@$(PYTHON) -m tests.steps

.PHONY: bench
bench: $(STAMP) ## Measure; results go to benchmarks/results/
	@$(PYTHON) -m benchmarks

.PHONY: lint
lint: $(STAMP) ## Lint and formatting
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .

.PHONY: format
format: $(STAMP) ## Mend lint and formatting
	@$(PYTHON) -m ruff check --fix . && $(PYTHON) -m ruff format .

.PHONY: types
types: $(STAMP) ## Types
	@$(PYTHON) -m mypy

.PHONY: unit
unit: $(STAMP) ## Unit tests
	@$(PYTHON) -m pytest -q tests/unit

.PHONY: hooks
hooks: $(STAMP) ## Run the checks before each commit
	@$(PYTHON) -m pre_commit install

.PHONY: clean
clean: ## Remove the environment, models and data of the embedded service
	rm -rf .venv .tools models var .rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(STAMP): pyproject.toml uv.lock .python-version | uv
	@began=$$SECONDS; echo "Environment: the first time takes a few minutes (about 2 GB)."; \
	$(UV) sync --frozen --quiet || { echo "Portiere needs Python 3.10 (Rasa 3.6 runs on nothing newer), for instance from pyenv or your system's packages." >&2; exit 1; }; \
	touch $@; echo "Environment ready after $$((SECONDS - began)) s."

.PHONY: uv
uv:
	@if ! $(UV) --version >/dev/null 2>&1; then echo "Getting uv into .tools/"; python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location --target .tools/uv uv; fi
