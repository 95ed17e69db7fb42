# `make demo` and `make test` are all a newcomer needs; each sets up .venv first.
PYTHON ?= python3
ARGS ?=

# State machines whose histories `make soak` plays by the hundred thousand.
SOAK ?= tests/pact/test_ledger_histories.py::TestLedgerHistory tests/watch/test_warn_machine.py::TestWarningNet

.PHONY: demo drill test check bounds soak bench bench-track run-setup test-setup peer-setup clean

demo: run-setup
	.venv/bin/foedus run networks/alpine.toml $(ARGS)

# Three stylised events under four pacts: minutes of warning per capital, and the clauses that cost the rest.
drill: run-setup
	.venv/bin/foedus drill run drills/gulf.toml --pact rsc --pact us-sa-2023 --pact us-sa-2025 --pact us-sa-2025+warn --tries 3 $(ARGS)

test: test-setup check
	.venv/bin/python -m pytest --numprocesses auto --dist loadfile

check: test-setup
	.venv/bin/ruff format --check src tests bench scripts hatch_build.py
	.venv/bin/ruff check src tests bench scripts hatch_build.py
	.venv/bin/mypy
	.venv/bin/lint-imports

# The kernels again, with every index checked: compiled code otherwise reads past an end in silence.
bounds: test-setup
	NUMBA_BOUNDSCHECK=1 .venv/bin/python -m pytest tests/test_non_interference.py tests/test_node.py \
	  tests/test_damage.py tests/test_delays.py tests/test_editions.py tests/feeds tests/track tests/watch tests/pact tests/score

# Prints how many histories each machine played, and how long that took.
soak: test-setup
	.venv/bin/python -m pytest --hypothesis-profile=soak --hypothesis-show-statistics --durations=0 $(SOAK)

bench: test-setup
	.venv/bin/python -m bench

# Against Stone Soup, which lives in .venv-bench: some 25 minutes. ARGS="--sizes L XL --no-peer" for foedus alone.
bench-track: test-setup peer-setup
	.venv/bin/python -m bench.compare $(ARGS)

run-setup:
	@$(PYTHON) scripts/setup.py run

test-setup:
	@$(PYTHON) scripts/setup.py test

peer-setup:
	@$(PYTHON) scripts/setup.py peer

clean:
	rm -rf .venv .venv-bench .venv-taky run console/node_modules src/foedus/live/web
