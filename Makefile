# Everything a person types. Needed beforehand: Python 3.11 or newer, make, Perl 5; the rest is set up here.

VENV := .venv
BIN := $(VENV)/bin
ASSETS := librephotos/page/documents/built-from.txt
SOURCES := $(shell find librephotos -name '*.py')
TESTS := $(shell find tests -name '*.py')
PAGE_SOURCES := $(shell find web/src web/public -type f ! -name "*.d.ts") web/index.html web/vite.config.ts
PAGE_SOURCES += web/svelte.config.js web/tsconfig.json
ASSET_INPUTS := build_hook.py web/package.json web/package-lock.json web/.npmrc $(PAGE_SOURCES)

# Paths reach the shell through the environment, untouched by make: they may hold spaces, quotes and dollars.
ifdef PHOTOS
override PHOTOS := $(value PHOTOS)
endif
ifdef DATA
override DATA := $(value DATA)
endif
export CHECKOUT := $(CURDIR)
export PHOTOS DATA HOST PORT

# A virtual environment does not survive being moved or copied with its checkout: begin again.
ifneq ($(shell cat $(VENV)/.checkout 2>/dev/null),$(CURDIR))
$(shell rm -f $(VENV)/.created)
endif

.DEFAULT_GOAL := help
.PHONY: help setup run test test-postgres test-long check format bench bench-large lock clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 24

setup: $(VENV)/.package $(VENV)/.compiled $(VENV)/.own-compiled $(ASSETS) ## make .venv, install the locked dependencies, build the page, fetch ExifTool

run: setup ## set up, serve and scan: make run PHOTOS=~/Pictures [DATA=folder] [HOST=127.0.0.1] [PORT=8000]
	@if [ -z "$$PHOTOS" ]; then echo 'Which folder? For example: make run PHOTOS=~/Pictures' >&2; exit 2; fi; \
	case "$$PHOTOS" in "~/"*) PHOTOS="$$HOME/$${PHOTOS#"~/"}";; esac; \
	if [ ! -d "$$PHOTOS" ]; then echo "There is no folder $$PHOTOS" >&2; exit 2; fi; \
	exec $(BIN)/librephotos serve --library "$$PHOTOS" \
		$${DATA:+--data "$$DATA"} $${HOST:+--host "$$HOST"} $${PORT:+--port "$$PORT"}

test: setup $(VENV)/.tests-compiled ## the whole suite, on SQLite (PYTEST_ARGS=... is handed on)
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

test-postgres: setup $(VENV)/.tests-compiled ## the same suite on a PostgreSQL of its own
	umask 022; LIBREPHOTOS_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

test-long: setup ## the suites that take many minutes
	$(BIN)/python -m pytest -m long --timeout 3600 $(PYTEST_ARGS)

check: setup ## format, lint, types, layout, licences, the page
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_layout.py
	$(BIN)/python tools/check_licences.py
	$(BIN)/python tools/check_page.py

format: setup ## put the sources in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## measure the API against its floor and print the ratios (BENCH_ARGS=... is handed on)
	$(BIN)/python benchmarks/api.py $(BENCH_ARGS)

bench-large: setup ## the same, and how much slower a million photos are
	$(BIN)/python benchmarks/api.py --photos 1000000 $(BENCH_ARGS)

lock: setup ## raise the locked versions within the ranges of pyproject.toml and web/package.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<1'
	$(BIN)/python tools/lock.py

clean: ## remove what set-up and the tests made; photos and data stay
	rm -rf $(VENV) web/node_modules librephotos/page/dist librephotos/page/documents librephotos/media/exiftool
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The stamps: each rule runs when what it depends on is newer, and touches its stamp last.

$(VENV)/.created:
	@for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then echo 'Python 3.11 or newer is needed; name it with PYTHON=/path/to/python3' >&2; exit 2; fi; \
	"$$python" -m venv --clear $(VENV) || { \
		echo "$$python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@command -v perl >/dev/null || echo 'Perl is missing: ExifTool needs it; until then less metadata is read.' >&2
	@printf '%s' "$$CHECKOUT" > $(VENV)/.checkout
	@touch $@

$(VENV)/.dependencies: $(VENV)/.created requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
	@touch $@

# Bytecode for all cores at once, also where PYTHONDONTWRITEBYTECODE is set: without it each start takes twice as long.
# A library's templates and samples need not compile.
$(VENV)/.compiled: $(VENV)/.dependencies
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@

$(VENV)/.own-compiled: $(VENV)/.created $(SOURCES)
	@$(BIN)/python -m compileall -qq -j 0 librephotos
	@touch $@

# The tests and pytest's plugins as pytest wants them: otherwise each of its processes spends 20 s on them in every run.
$(VENV)/.tests-compiled: $(VENV)/.dependencies $(TESTS)
	@$(BIN)/python -m compileall -qq -j 0 tests
	@printf '%s\n' $(filter %.py,$(TESTS)) | grep '/test_[^/]*$$' | PYTHONDONTWRITEBYTECODE= \
		xargs -n 120 -P 4 $(BIN)/python -m pytest --quiet --collect-only >/dev/null 2>&1 || true
	@touch $@

$(ASSETS): $(VENV)/.dependencies $(ASSET_INPUTS)
	$(BIN)/python build_hook.py
	@if [ -f $@ ]; then touch $@; fi

$(VENV)/.package: $(VENV)/.dependencies pyproject.toml $(ASSETS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@
