# The two commands to know: `make demo` and `make test`. Each does all its own set-up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := contexts did vc webshell issuer holder verifier liangzheng

.PHONY: help demo test coverage lint types imports generated ci bench bench-floor bench-peers conformance-jsonld fuzz interop clean setup

help:
	@echo "make demo    run the main job, narrated (sets itself up)"
	@echo "make test    run the tests (sets itself up)"
	@echo "make coverage  the tests, with what they reach"
	@echo "make lint types imports generated    the other gates; make ci runs all of them"
	@echo "make bench   measure, print ratios (make bench-peers first, to have peers beside us)"
	@echo "make fuzz MINUTES=5   look for inputs that break something (ARGS=--help); what is found goes to tests/fuzz/corpus"
	@echo "make interop SD-JWT and JWT with other implementations; make conformance-jsonld DIR=...  published manifests"

# What `make demo` needs is the product alone; the gates need the dev extra too.
$(VENV)/.product: pyproject.toml .ci/venv
	@bash .ci/venv "$(PYTHON)" "$(VENV)" ".[all]"
	@touch $@

$(VENV)/.dev: pyproject.toml .ci/venv
	@bash .ci/venv "$(PYTHON)" "$(VENV)" ".[dev]"
	@touch $@ $(VENV)/.product

setup: $(VENV)/.dev

demo: $(VENV)/.product
	@$(BIN)/liangzheng demo

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

# The same, counting lines and branches: it takes half as long again.
coverage: $(VENV)/.dev
	@$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term $(ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

generated: $(VENV)/.dev
	@$(BIN)/python -m vc.cards.generate --check

# Tests last, so that pytest's closing line closes the run.
ci: lint types imports generated test

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks $(ARGS)

bench-floor: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.paired $(ARGS)

bench-peers: $(VENV)/.dev
	@PYTHON="$(PYTHON)" bash .ci/bench-peers

interop: $(VENV)/.dev
	@bash .ci/interop

# The same seed (ARGS="--seed n") makes the same campaign. Atheris is used where it is installed.
fuzz: $(VENV)/.dev
	@$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),5) $(ARGS)

conformance-jsonld: $(VENV)/.dev
	@$(BIN)/python -m tests.conformance.jsonld --manifests "$(DIR)"

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
