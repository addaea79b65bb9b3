# Everything runs in the one .venv that the first target makes.
PYTHON ?= python3
BIN := .venv/bin
# Tests wait for servers and children about half of their time: more processes than cores keep the cores busy.
TEST_PROCESSES ?= 3
UNIT_TESTS := tests/ilime_core tests/tasks tests/training tests/test_proofs.py tests/test_docstrings.py tests/test_module_names.py
# Compiled tests are kept even where the environment says otherwise: compiling them is half of collecting them.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo serve test check test-settings lint docs bench clean

demo: .venv/.ready  ## explain the bundled photographs and say where the report is
	$(BIN)/ilime demo --out demo-run

serve: .venv/.ready  ## a Prefect server and a worker with the demo deployed; Ctrl-C ends them
	$(BIN)/ilime serve --out demo-serve

test: .venv/.ready  ## every test, the slow ones too
	$(BIN)/python -m pytest --durations=30 --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

test-settings: .venv/.ready  ## what could depend on threads, instruction sets, locale, time zone or load, under each
	.ci/test_settings

check: lint  ## while you write: linters, types, and the tests that start no run
	$(BIN)/python -m pytest -q -m "not slow" --numprocesses $(TEST_PROCESSES) --dist loadfile $(UNIT_TESTS)

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

docs: .venv/.ready  ## the documentation as a site, links and anchors checked: build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

bench: .venv/.peers  ## every ratio of docs/performance.md, beside other explainers, within half an hour; never a timed test
	$(BIN)/python tests/benchmarks/every_ratio.py

.venv/.ready: pyproject.toml constraints.txt
	@.ci/fit_python $(PYTHON) >/dev/null
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[conse,dask,ray,transformers,dev]'
	touch $@

.venv/.peers: .venv/.ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[peers]'
	touch $@

clean:
	rm -rf .venv build *.egg-info demo-run demo-serve
