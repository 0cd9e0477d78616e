# Two commands for a fresh machine with Python ≥ 3.11 and its venv module:
#   make demo   sets up the package and reads the sample reports
#   make test   sets up the tools and passes every check
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check tests docs clean

demo: .venv/.package
	$(BIN)/muster demo

test: .venv/.tools check tests

check: .venv/.tools
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo 2>&1 | tail -n 1

tests: .venv/.tools
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

# what the docs show, made anew: the CLI reference and the picture
docs: .venv/.tools
	$(BIN)/python tools/cli_reference.py docs/cli.md
	$(BIN)/python tools/picture.py docs/picture.svg

.venv/.made:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	touch $@

.venv/.package: .venv/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/.tools: .venv/.package
	$(BIN)/python -m pip install --quiet --group dev --editable '.[pandas]'
	touch $@

clean:
	rm -rf .venv demo.db demo.db-* .coverage .mypy_cache .ruff_cache .pytest_cache
