# Two commands do everything: `make demo` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
# Many tests start programs of the product: these start twice as fast from what Python compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-full lint check install clean bench bench-extract

# The runtime alone is enough for the demo; the tests need the `dev` extra.
$(VENV)/.runtime: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $(VENV)/.runtime $@

install: $(VENV)/.runtime

demo: $(VENV)/.runtime
	$(BIN)/waspada demo $(DEMO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not full"

test-full: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m full

# One short command at the desk.
lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.pipeline

# newspaper4k asks for an older python-dateutil than we do, so it lies apart.
$(VENV)/peers: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $@ newspaper4k beautifulsoup4 soupsieve pillow six
	touch $@

bench-extract: $(VENV)/peers
	PYTHONPATH=$< $(BIN)/python -m benchmarks.extract

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
