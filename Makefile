# `make help` lists the targets. They need Python 3.11 or newer and Maven, and nothing else.

PYTHON ?= python3
ARGS ?=
VENV := .venv/bin
RUN := $(PYTHON) local/bootstrap.py requirements.lock
DEV := $(PYTHON) local/bootstrap.py requirements-dev.lock

.DEFAULT_GOAL := help
.PHONY: help up test demo bench doctor reset lock

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up:  ## start the whole system; Ctrl-C stops it (ARGS=--ephemeral for a temporary one)
	@$(RUN)
	@exec $(VENV)/oa-rental up $(ARGS)

test:  ## run every check and every test
	@$(DEV)
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/pytest $(ARGS)

demo:  ## play the scenario against the running system
	@$(RUN)
	@exec $(VENV)/oa-rental demo $(ARGS)

bench:  ## measure, and print a table
	@$(DEV)
	@exec $(VENV)/python -m benchmarks $(ARGS)

doctor:  ## check what this machine needs
	@$(RUN)
	@exec $(VENV)/oa-rental doctor $(ARGS)

reset:  ## delete the data
	@$(RUN)
	@exec $(VENV)/oa-rental reset $(ARGS)

lock:  ## resolve the dependencies again, Python's and Kafka's
	@$(PYTHON) local/lock.py
