# `make demo` and `make test` are all a newcomer needs; each sets up .venv first.
PYTHON ?= python3
ARGS ?=

.PHONY: demo test check bench run-setup test-setup clean

demo: run-setup
	.venv/bin/foedus run networks/alpine.toml $(ARGS)

test: test-setup check
	.venv/bin/python -m pytest

check: test-setup
	.venv/bin/ruff format --check src tests bench scripts hatch_build.py
	.venv/bin/ruff check src tests bench scripts hatch_build.py
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: test-setup
	.venv/bin/python -m bench

run-setup:
	@$(PYTHON) scripts/setup.py run

test-setup:
	@$(PYTHON) scripts/setup.py test

clean:
	rm -rf .venv run console/node_modules src/foedus/live/web
