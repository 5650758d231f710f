# Two commands: `make run` starts the whole service with people in it, `make test` runs every test.
# They need Python 3.11 or newer and make; everything else comes from the lock in requirements/.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: run test lint load browsers prove guides compat bench losses lock wheel readme clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

# Where a machine's settings forbid Python to keep what it compiled, each process compiles a thousand files when it starts:
# more than half of a start, and tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

# One environment for both. The tools for tests contain all that the service needs, so having them satisfies `run` too,
# and neither command undoes what the other one installed.
RUN_STAMP := $(VENV)/.run-installed
DEV_STAMP := $(VENV)/.dev-installed
BROWSER_STAMP := $(VENV)/.browser-found
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# A file of tests stays together, because its tests share servers; each process has a Valkey and a PostgreSQL of its own.
# Four also on two cores: much of a test is waiting for a page, a lapse, a process that comes back.
ON_EACH_CORE := -n 4 --dist loadfile --no-loadscope-reorder

run: $(RUN_STAMP) ## the demo: http://127.0.0.1:8000 (PORT=... for another one), Ctrl-C ends it
	@exec $(BIN)/guichet demo $(DEMO)

# What is compiled once beside the linters need not be compiled by each of the four.
test: $(DEV_STAMP) $(BROWSER_STAMP) ## every test, on real servers
	@$(BIN)/pytest --collect-only --quiet >/dev/null 2>&1 & compiling=$$!; \
		$(MAKE) --no-print-directory lint || { kill $$compiling; exit 1; }; wait $$compiling || true
	$(BIN)/pytest $(ON_EACH_CORE)

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

load: $(DEV_STAMP) ## a minute of load on a fresh demo, then every promise recounted
	$(BIN)/python -m loadtests.run $(LOAD)

prove: $(DEV_STAMP) $(BROWSER_STAMP) ## what takes minutes: the wheel in an empty environment, longer crash tests
	$(BIN)/pytest -m slow -o faulthandler_timeout=900

guides: $(DEV_STAMP) $(BROWSER_STAMP) ## the pictures of the guides and docs, from the running service and the letters
	$(BIN)/pytest -m slow tests/browser/test_guides.py tests/browser/casefiles/test_year_of_a_file.py --take-pictures
	$(BIN)/pytest tests/unit/casework/letters/test_every_kind.py -k docs --take-pictures

compat: $(DEV_STAMP) ## what was run with what, as far as it is installed here; into docs/compatibility.md
	$(BIN)/pytest -m compat --compat-into docs/compatibility.md

browsers: $(DEV_STAMP) ## the journey in Firefox ESR and in WebKitGTK (Debian's packages), each in a window that nobody sees
	@for need in firefox-esr WebKitWebDriver Xvfb; do command -v $$need >/dev/null 2>&1 || missing="$$missing $$need"; done; \
	[ -z "$${missing:-}" ] || { command -v apt-get >/dev/null && apt-get update --quiet && \
		apt-get install --yes --quiet firefox-esr webkit2gtk-driver xvfb; } || \
		{ echo "not here, and could not be installed:$$missing" >&2; exit 1; }
	$(BIN)/pytest -m browsers

bench: $(DEV_STAMP) ## what it costs, each figure beside a bare counterpart; into docs/benchmarks.md
	@missed=0; for part in tests.bench.tick tests.bench.draw tests.bench.drafts tests.bench.sign_ins tests.bench.looks tests.bench.statements tests.bench.forms tests.bench.duplicates tests.bench.imports tests.bench.broadcasts tests.bench.payments tests.bench.documents.letters tests.bench.documents.lists tests.bench.casefiles.queue tests.bench.slow_line \
		loadtests.bench; do $(BIN)/python -m $$part --into docs || missed=1; done; \
	$(BIN)/python docs/tools/scale.py docs && exit $$missed

losses: $(DEV_STAMP) ## one thing lost after another with 5,000 people inside, forty minutes; into docs/losses.md
	$(BIN)/python -m tests.losses --into docs

wheel: $(DEV_STAMP) ## dist/guichet-*.whl
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

readme: $(DEV_STAMP) ## the parts of README.md that the code knows better
	$(BIN)/python docs/tools/readme.py

# The lock holds hashes of everything, the build backend too, and names no host; the newest versions that are allowed.
COMPILE := uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	--custom-compile-command "make lock"
lock: ## write requirements/*.txt anew (needs uv)
	$(COMPILE) --upgrade --group build -o requirements/run.txt pyproject.toml
	$(COMPILE) --upgrade --group build --group dev --extra load -c requirements/run.txt -o requirements/dev.txt pyproject.toml

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "guichet needs Python 3.11 or newer; give one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# What pip installs is what the lock says, by hash; the project itself is linked, so that edits count at once.
$(DEV_STAMP): requirements/dev.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r requirements/dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(DEV_STAMP) $(RUN_STAMP)

ifeq ($(wildcard $(DEV_STAMP)),)
$(RUN_STAMP): requirements/run.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(RUN_STAMP)
else
$(RUN_STAMP): $(DEV_STAMP)
	@touch $(RUN_STAMP)
endif

# A Chromium of the system; otherwise Playwright's own; otherwise the distribution's. Without any, `make test` says so and
# skips the tests in a browser, but where CI is set they are part of the promise and their absence is a failure.
$(BROWSER_STAMP): $(DEV_STAMP)
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name >/dev/null 2>&1 && exit 0; done; \
	if $(BIN)/playwright install chromium; then :; \
	elif command -v apt-get >/dev/null && apt-get update --quiet && apt-get install --yes --quiet chromium; then :; \
	elif [ -n "$${CI:-}" ]; then echo "no browser could be found or installed, and CI needs one" >&2; exit 1; \
	else echo "no browser could be found or installed: its tests are skipped" >&2; exit 0; fi
	@touch $(BROWSER_STAMP)
