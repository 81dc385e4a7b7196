# `make run` and `make test` are all that a fresh machine needs; the rest is for working on it.
SHELL := /bin/bash
BIN := .venv/bin
PYTEST_ARGS ?=
FAULT_ARGS ?=
LOAD_ARGS ?=

.PHONY: run setup train index test lint format bench fault load lock browser redis clean help

run: setup ## set up what is missing or changed, start everything, print the address
	@$(BIN)/shopdesk run

setup: ## make both Python environments from the lock files
	@sh scripts/setup.sh

train: setup ## train the Rasa model, if what it is made from has changed
	@$(BIN)/shopdesk train bot

index: setup ## build the search index, if the knowledge base has changed
	@$(BIN)/shopdesk index build

test: setup browser redis ## run every test: unit, integration, end to end
	@$(BIN)/shopdesk prepare
	@sh scripts/with-postgres.sh $(BIN)/pytest $(PYTEST_ARGS)

browser: ## install Debian's Chromium for the end-to-end tests, when there is none
	@sh scripts/browser.sh

redis: ## install Debian's Redis for the tests, when there is none
	@sh scripts/redis.sh

lint: setup ## style, types, images, data files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/yamllint --strict bot
	@sh docker/lint.sh

format: setup ## rewrite the code in the project's format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## measure: answers over the WebSocket, stage by stage
	@$(BIN)/shopdesk prepare
	@$(BIN)/python -m benchmarks.answers

fault: setup ## kill every process again and again, and see what customers see of it (FAULT_ARGS="--quick")
	@$(BIN)/shopdesk prepare
	@$(BIN)/python -m benchmarks.fault $(FAULT_ARGS)

load: setup ## measure: messages a second beside idle sockets, against bare Rasa (LOAD_ARGS)
	@$(BIN)/shopdesk prepare
	@$(BIN)/python -m benchmarks.load $(LOAD_ARGS)

lock: setup ## make the lock files anew with the newest versions that fit
	@sh scripts/lock.sh

clean: ## remove the state and the trained models; the environments stay
	rm -rf var artefacts

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/\t/' | expand -t 12
