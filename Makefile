# The two commands to know: `make demo` and `make test`. Each does all its own set-up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := contexts did vc webshell issuer holder verifier liangzheng

.PHONY: help demo test test-long coverage lint types imports generated ci bench bench-floor bench-price bench-peers conformance-jsonld fuzz mutants interop \
	docs docs-serve constraints test-constraints sbom release news clean setup

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "ARGS=... goes on to pytest, benchmarks and the release script; PYTHON=... is what .venv is made with"

# What `make demo` needs is the product alone; the gates need the dev extra too.
$(VENV)/.product: pyproject.toml .ci/venv
	@bash .ci/venv "$(PYTHON)" "$(VENV)" ".[all]"
	@touch $@

$(VENV)/.dev: pyproject.toml .ci/venv
	@bash .ci/venv "$(PYTHON)" "$(VENV)" ".[dev]"
	@touch $@ $(VENV)/.product

# The site and releases have tools that no gate needs.
$(VENV)/.docs: pyproject.toml .ci/venv
	@bash .ci/venv "$(PYTHON)" "$(VENV)" ".[docs]"
	@touch $@

$(VENV)/.release: pyproject.toml .ci/venv
	@bash .ci/venv "$(PYTHON)" "$(VENV)" ".[release]"
	@touch $@

setup: $(VENV)/.dev ## make .venv with everything for development

demo: $(VENV)/.product ## run the main job, narrated (sets itself up)
	@$(BIN)/liangzheng demo

test: $(VENV)/.dev ## run the tests (sets itself up)
	@$(BIN)/python -m pytest -n auto --dist loadfile -m "not long" $(ARGS)

# Browsers, processes that are started and killed, whole days at once. CI runs both.
test-long: $(VENV)/.dev ## the tests that drive browsers, kill processes or take long
	@$(BIN)/python -m pytest -n auto --dist loadfile -m long $(ARGS)

# The same, counting lines and branches: it takes half as long again.
coverage: $(VENV)/.dev ## the tests, with what they reach
	@$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term $(ARGS)

lint: $(VENV)/.dev ## ruff: rules and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy: strict for the product, and the tests
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file tests/mypy.ini tests

imports: $(VENV)/.dev ## imports point one way
	@$(BIN)/lint-imports

generated: $(VENV)/.dev ## generated files are fresh
	@$(BIN)/python -m vc.cards.generate --check

# Tests last, so that pytest's closing line closes the run.
ci: lint types imports generated test-long test ## every gate: what .ci/run runs

# Of the Pythons at hand, the one whose interpreter is faster measures; it has an environment of its own.
BENCH := .venv-bench
$(BENCH)/.dev: pyproject.toml .ci/venv .ci/bench-python
	@bash .ci/venv "$$(bash .ci/bench-python "$(PYTHON)")" "$(BENCH)" ".[dev]"
	@touch $@

bench: $(BENCH)/.dev ## measure ours, the floor and peers (make bench-peers first, to have peers beside us)
	@$(BENCH)/bin/python -m benchmarks $(ARGS)

bench-floor: $(BENCH)/.dev ## ours and bare cryptography, call by call in turn
	@$(BENCH)/bin/python -m benchmarks.paired $(ARGS)

# What each input made to be dear costs, beside the budget of SECURITY.md.
bench-price: $(BENCH)/.dev ## what dear inputs cost, beside the budget of SECURITY.md
	@$(BENCH)/bin/python -m benchmarks.price $(ARGS)

bench-peers: $(VENV)/.dev ## install the peers of the benchmarks
	@PYTHON="$(PYTHON)" bash .ci/bench-peers

interop: $(VENV)/.dev ## SD-JWT, JWT, COSE and mdoc with other implementations
	@bash .ci/interop

# The same seed (ARGS="--seed n") makes the same campaign. Atheris is used where it is installed.
fuzz: $(VENV)/.dev ## look for inputs that break something, for MINUTES=5; what is found goes to tests/fuzz/corpus
	@$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),5) $(ARGS)

# One room takes minutes to an hour: ARGS="--sample 200 --kinds guards". Results go to out/mutants, survivors to docs/mutants.md.
mutants: $(VENV)/.dev ## change the code, one line at a time, and see that some test fails: ROOM=status (all without it)
	@$(BIN)/python -m tests.mutants $(if $(ROOM),--room $(ROOM)) $(ARGS)

conformance-jsonld: $(VENV)/.dev ## the published JSON-LD and RDF manifests in DIR=...
	@$(BIN)/python -m tests.conformance.jsonld --manifests "$(DIR)"

# Clean: what is kept between builds knows nothing of docstrings that changed.
docs: $(VENV)/.docs ## build the documentation site into out/site; a warning is an error
	@$(BIN)/python docs/site_pages.py out/docs
	@$(BIN)/zensical build --strict --clean

docs-serve: $(VENV)/.docs ## serve the documentation site at http://127.0.0.1:8000
	@$(BIN)/python docs/site_pages.py out/docs
	@$(BIN)/zensical serve --dev-addr 127.0.0.1:8000

test-constraints: ## the product with the oldest versions it says it works with (constraints/lowest.txt)
	@PYTHON="$(PYTHON)" bash .ci/constraints test

constraints: $(VENV)/.release ## write constraints/lowest.txt anew, after a change of dependencies
	@bash .ci/constraints write

news: $(VENV)/.release ## show what changelog.d would add to the changelog
	@$(BIN)/towncrier build --draft

sbom: $(VENV)/.release ## what the product is made of, as CycloneDX: out/sbom.json
	@bash .ci/sbom

release: $(VENV)/.release ## build twice, compare, check; with ARGS=--tag also news, commit and tag
	@bash .ci/release $(ARGS)

clean: ## remove what was made
	rm -rf $(VENV) $(BENCH) build dist out/site out/docs .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
