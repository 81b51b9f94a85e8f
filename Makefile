# What a person needs to work on watloom. `make` alone lists it.
#
# `make demo` and `make test` set themselves up: all they need is Python 3.11 or newer, pip and make.
# Another Python: make test PYTHON=python3.13      Some tests only: make test ARGS="-k golden"

PYTHON ?= python3
WORKERS ?= 2
ARGS ?=

# One environment for users' dependencies, one with the tools. A stamp in it, named after the
# Python, says that it is complete; a new pyproject.toml or another PYTHON makes it anew.
STAMP := made-with-$(subst /,-,$(PYTHON))
TOOLS := .venv/$(STAMP)
PLAIN := .venv-demo/$(STAMP)

# A fresh environment round the stamp $@, with the project (and its EXTRAS) installed in place.
# Where Python comes without ensurepip (Debian), the system's pip puts one in.
define make-venv
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and \
	    "watloom needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.12 ..." % v[:2])'
	@echo "Setting up $(@D), once: a minute or less."
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D) >/dev/null 2>&1 || { $(PYTHON) -m venv --clear --without-pip $(@D) \
	    && $(PYTHON) -m pip --python $(@D)/bin/python install --quiet pip; }
	@PYTHONWARNINGS=ignore $(@D)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.$(EXTRAS)'
	@touch $@
endef

.PHONY: help demo test check format golden mutants bench conformance clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(PLAIN) ## an editor whose file is encrypted without its knowing
	@.venv-demo/bin/python samples/encrypted_editor/demo.py

test: check ## the checks, then all tests
	.venv/bin/pytest -n $(WORKERS) $(ARGS)

check: $(TOOLS) ## format, lint, types, layers
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: $(TOOLS) ## format the code and mend what the linter can mend
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

golden: $(TOOLS) ## write the golden files anew: read `git diff` afterwards
	.venv/bin/pytest -n $(WORKERS) --refresh-golden $(ARGS)

mutants: $(TOOLS) ## damage 50,000 binaries and 20,000 texts: takes half an hour
	PYTHONPATH=tests/support .venv/bin/python -m mutants --binary 50000 --text 20000 --suite $(ARGS)

bench: $(TOOLS) ## the compiled tier against hand-written Python
	.venv/bin/python tests/bench/bench.py $(ARGS)
	.venv/bin/python tests/bench/hosts.py
	.venv/bin/python tests/bench/providers.py
	.venv/bin/python tests/bench/startup.py
	.venv/bin/python tests/bench/compile_times.py

conformance: ## fetch the test scripts that others wrote (needs git and a network)
	@sh tests/spec/fetch.sh

clean: ## remove environments, caches and builds (fetched test scripts stay)
	rm -rf .venv .venv-demo build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find watloom interp parser stdlib tests samples -name __pycache__ -prune -exec rm -rf {} +

$(TOOLS): EXTRAS := [test,dev]
$(TOOLS) $(PLAIN): pyproject.toml
	$(make-venv)
