# Sapa: everything one types. `make help` tells what there is.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test setup check train bench chaos aims pipelines evaluate pictures lock transcripts simulate format clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## set up everything, train if needed, start the demo centre on http://127.0.0.1:8000
	@SAPA_DEMO=$${SAPA_DEMO-1} exec $(BIN)/sapa run

test: setup ## set up everything, run all tests
	$(BIN)/pytest

setup: .venv/ready nlu/.venv/ready ## make both environments

.venv/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sapa needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@echo "Setting up the app's environment (.venv) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

nlu/.venv/ready: requirements/rasa.txt .venv/ready
	@echo "Setting up the parser's environment (nlu/.venv, 1.5 GB) ..."
	@$(BIN)/python -m nlu.environment
	@touch $@

check: .venv/ready ## lint and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy bot clinic flows nlu scheduler

train: setup ## train the Rasa model if its data changed
	@$(BIN)/sapa train

bench: setup ## measure, and print tables
	@$(BIN)/python -m tests.bench

chaos: .venv/ready ## kill web and workers while the provider fails, count what is lost and doubled; SEED=7 ARGS="--database postgres"
	@$(BIN)/python -m tests.chaos --seed $(or $(SEED),1) $(ARGS)

pipelines: setup ## compare pipelines for reading messages (hours); ARGS="--extra FILE --only NAME --seeds N --server"
	@$(BIN)/python -m tests.bench.pipelines $(ARGS)

evaluate: setup ## read the held-out sentences, and draw how well into docs/evaluation
	@$(BIN)/sapa nlu evaluate tests/nlu --draw docs/evaluation

aims: setup ## how well messages are read, as one table; OTHERS=folder adds messages.jsonl and danger.jsonl of others
	@$(BIN)/python -m tests.bench.aims $(OTHERS)

simulate: .venv/ready ## 200 simulated mornings with and without Sapa, drawn into docs/simulation (minutes); ARGS="--seeds 20"
	@$(BIN)/python -m tests.simulation $(ARGS)

transcripts: .venv/ready ## rewrite what the bot says in tests/transcripts; read the diff
	@$(BIN)/python -m tests.transcripts.rewrite

format: .venv/ready ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pictures: .venv/ready ## take the pictures of docs/images anew (Chromium)
	@$(BIN)/python -m tests.pictures

lock: .venv/ready ## make the lock files anew
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-header --no-annotate --no-emit-index-url --generate-hashes --python-version 3.11 requirements/app.in -o requirements/app.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-header --no-annotate --no-emit-index-url --generate-hashes --python-version 3.11 -c requirements/app.txt requirements/dev.in -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --generate-hashes --python-version 3.10 --override requirements/rasa-overrides.txt requirements/rasa.in -o requirements/rasa.txt

clean: ## remove what was made here, the database included
	rm -rf .venv nlu/.venv nlu/models var build node_modules *.egg-info
