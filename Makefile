# Portiere's front door. A machine with git, make and a python3 is enough: everything else comes from PyPI and npm.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON := .venv/bin/python
READY := .venv/.synced
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3
# Byte code is kept whatever the environment says: without it every start compiles TensorFlow anew (8 s instead of 2).
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(READY) ## Prepare what is missing and run the service: http://localhost:5005 (PORT=… moves it)
	@exec $(PYTHON) -m bot.cli.main run --with-parent

.PHONY: test
test: $(READY) ## Everything that CI runs
	@$(PYTHON) -m tests.steps

.PHONY: train
train: $(READY) ## Train the model, if its sources have changed
	@$(PYTHON) -m bot.cli.main train

.PHONY: bench
bench: $(READY) ## Measure; results go to benchmarks/results/
	@$(PYTHON) -m benchmarks

# Parts of the tests; `make test` runs all of them in this order.
PARTS := lint types unit data dialogue nlu api browser
lint: ## Lint and formatting
types: ## Types
unit: ## Unit tests
data: ## Training data, domain, rules and texts
dialogue: ## Conversations against the trained model, without the service
nlu: ## Understanding of messages that the model has not learnt from
api: ## Conversations with the running service
browser: ## The pages in a browser
lint: steps = lint format
data: steps = data validate
dialogue nlu: steps = train $@
.PHONY: $(PARTS)
$(PARTS): $(READY)
	@$(PYTHON) -m tests.steps $(or $(steps),$@)

.PHONY: format
format: $(READY) ## Mend lint and formatting
	@$(PYTHON) -m ruff check --fix . && $(PYTHON) -m ruff format .

.PHONY: hooks
hooks: $(READY) ## Run the checks before each commit
	@$(PYTHON) -m pre_commit install

.PHONY: clean
clean: ## Remove the environment, models and the data of the embedded service
	rm -rf .venv .tools models var .rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis bot/web/node_modules tests/browser/node_modules

# A uv on the path may be a pyenv shim that fails: only one that tells its version counts. uv finds the Pythons on the
# path; pyenv's are added, since pyenv puts only chosen ones there. What is at hand needs no network.
$(READY): pyproject.toml uv.lock .python-version
	@uv=uv; $$uv --version >/dev/null 2>&1 || uv=.tools/uv/bin/uv; \
	if ! $$uv --version >/dev/null 2>&1; then \
		echo "Getting uv into .tools/"; \
		python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location --target .tools/uv uv \
			|| { echo "uv cannot be had from PyPI; install it by hand (https://docs.astral.sh/uv/)." >&2; exit 1; }; \
	fi; \
	PATH="$$PATH:$$(printf '%s:' "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.10.*/bin)"; \
	began=$$SECONDS; echo "Environment: the first time takes a few minutes (about 2 GB)."; \
	if ! $$uv sync --frozen --quiet --offline 2>/dev/null && ! $$uv sync --frozen --quiet; then \
		$$uv python find --quiet 3.10 >/dev/null 2>&1 \
			|| echo "Python 3.10 is missing (Rasa 3.6 runs on nothing newer): take it from pyenv or your system's packages." >&2; \
		exit 1; \
	fi; \
	touch $@; echo "Environment ready after $$((SECONDS - began)) s."
