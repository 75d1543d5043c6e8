# The two commands of a fresh machine:
#   make demo   install into .venv and send one file all the way on this machine
#   make test   install and run everything
# While working: make check, the quick part of make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO_FILE := docs/samples/my report (final) + ü.pdf

# The browser tests need these two from Debian.
BROWSER_PACKAGES := chromium chromium-driver
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),sudo)

.PHONY: demo test check docs pictures install browser clean

demo: install
	$(BIN)/s3link demo "$(DEMO_FILE)"

test: check browser
	$(BIN)/pytest -m slow --numprocesses auto --dist loadfile

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint cloudformation/*.yaml
	$(BIN)/pytest -m "not slow" --numprocesses auto

docs: install
	$(BIN)/python docs/generate.py

pictures: install browser
	PYTHONPATH=lambda_src $(BIN)/python -m docs.screenshots

install: $(INSTALLED)

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	  { $(AS_ROOT) apt-get update && $(AS_ROOT) apt-get install --yes $(BROWSER_PACKAGES); }

clean:
	rm -rf $(VENV) .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis
