# make smoke and make test work on a fresh machine with Python >= 3.11 alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: smoke test check clean

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev,ray]'
	touch $@

## Table 1's methods once on the real data that ships, then its path on miniature data.
smoke: $(VENV)/installed
	$(BIN)/python run_benchmark.py --suite first_table
	$(BIN)/python run_benchmark.py --suite table1 --smoke

## All tests, on two processes: PyTorch has one thread in each, and some start processes of their own.
test: $(VENV)/installed
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

## Style, types, and the direction of imports.
check: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache
