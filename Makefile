# Two commands do all: `make reports` and `make test`. README.md gives the same lines without make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
COUNTRY ?= DK
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet
OPTIONS ?=

.PHONY: reports test notebook lock clean

reports: $(VENV)/installed
	$(BIN)/healthindicators reports --country $(COUNTRY) $(OPTIONS)

test: $(VENV)/installed-for-tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/healthindicators check
	$(BIN)/pytest --nbval notebooks
	$(BIN)/pytest -n 2 --dist loadfile

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/installed-for-tests: requirements-test.lock $(VENV)/installed
	$(PIP) --require-hashes -r requirements-test.lock
	touch $@

# After figures or words have changed: store the notebook's outputs anew, for nbval to compare with.
notebook: $(VENV)/installed
	$(BIN)/jupyter nbconvert --to notebook --inplace --execute \
		--ExecutePreprocessor.record_timing=False notebooks/municipality_profile.ipynb

# Needs uv, once in a while, by those who move the pins.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra build --extra cluster --extra test --constraint requirements.lock pyproject.toml \
		-o requirements-test.lock

clean:
	rm -rf $(VENV) data/processed/DK reports/2026
