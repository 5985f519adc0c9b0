# Every target is one line; what they need is fetched on the first call, into .uv, .venv and .superwizja of this folder.
PYTHON ?= python3
export UV_CACHE_DIR ?= $(CURDIR)/.uv/cache
export UV_PYTHON ?= $(shell $(PYTHON) -c 'import sys; print(sys.executable)' 2>/dev/null)
export UV_PYTHON_DOWNLOADS ?= never
export PLAYWRIGHT_BROWSERS_PATH ?= $(CURDIR)/.uv/browsers
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN = .venv/bin
CODE = shared services deploy tests

.PHONY: demo up down test lint contracts chaos bench
demo: ready ; @$(BIN)/superwizja demo $(ARGS)
up: ready ; @$(BIN)/superwizja up $(ARGS)
down: ready ; @$(BIN)/superwizja down $(ARGS)
test: ready browser ; @$(BIN)/pytest $(ARGS)
lint: ready ; $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy $(CODE) && $(BIN)/lint-imports
chaos: ready ; @$(BIN)/superwizja chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(PLANT),--plant $(PLANT)) $(ARGS)
bench: python $(UV) ; @$(UV) sync --frozen --group bench --compile-bytecode && $(BIN)/superwizja bench $(if $(PEERS),--peers $(PEERS)) $(ARGS)
contracts: ready ; @$(BIN)/python -m contracts.generate

.PHONY: ready python browser
ready: python $(UV) ; @$(UV) sync --frozen --compile-bytecode

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Superwizja needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`. Name a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || $(BIN)/playwright install chromium-headless-shell

.uv/bin/uv:
	@$(PYTHON) -m venv .uv || { echo "$(PYTHON) lacks venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@.uv/bin/pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'
