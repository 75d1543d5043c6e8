# The two commands of a fresh machine:
#   make demo   install into .venv and send one file all the way on this machine
#   make test   install and run everything
# While working: make check, the quick part of make test.
# Everything is installed in the versions of constraints.txt; make update takes newer ones.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
QUIETLY := --quiet --disable-pip-version-check
DEMO_FILE := docs/samples/my report (final) + ü.pdf

# Tests start Python again and again: it keeps what it has compiled.
unexport PYTHONDONTWRITEBYTECODE

# Tests wait for other programs some of their time: one more than there are cores.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# The browser tests need these two from Debian.
BROWSER_PACKAGES := chromium chromium-driver
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),sudo)

.PHONY: demo test check docs pictures install update browser clean

demo: install
	$(BIN)/s3link demo "$(DEMO_FILE)"

test: check browser
	$(BIN)/pytest -m slow --numprocesses $(WORKERS) --dist worksteal

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=lambda_src $(BIN)/lint-imports
	$(BIN)/cfn-lint cloudformation/*.yaml
	$(BIN)/pytest -m "not slow" --numprocesses $(WORKERS) --dist worksteal

docs: install
	$(BIN)/python docs/generate.py

pictures: install browser
	PYTHONPATH=lambda_src $(BIN)/python -m docs.screenshots

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install $(QUIETLY) --constraint constraints.txt --editable '.[dev]'
	touch $@

# Call it with PYTHON= the oldest that s3link runs on (pyproject.toml): what that one can install,
# newer ones can. Where it is the machine's own python3, plain `make update` does.
update:
	$(call newest,--editable '.[dev]',constraints.txt)
	$(call newest,awscli,tests/constraints-awscli.txt)
	$(call newest,checkov,tests/constraints-checkov.txt)
	rm -rf .venv-newest

# $(call newest,REQUIREMENT,FILE): the newest versions of all that it takes
define newest
$(PYTHON) -m venv --clear .venv-newest
.venv-newest/bin/python -m pip install $(QUIETLY) $(1)
.venv-newest/bin/python -m pip freeze --exclude-editable > $(2)
endef

browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	  { $(AS_ROOT) apt-get update && $(AS_ROOT) apt-get install --yes $(BROWSER_PACKAGES); }

clean:
	rm -rf $(VENV) .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
