# make lists what there is to do. Everything is installed inside this folder.

.DEFAULT_GOAL := help
.PHONY: help demo serve smoke test check mutants bench format clean set-up

PYTEST_ARGS ?= -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# The first Python that is new enough, looked for only when it is needed.
PYTHON = $(or $(shell \
	for name in python3 python3.13 python3.12 python3.11 python3.14; do \
		"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
			&& command -v "$$name" && break; \
	done), \
	$(error Gutschein needs Python 3.11 or newer, and there is none on the PATH))

# Say what is being done; what it said itself is shown only when it failed.
define quietly
	@echo "$(1)"
	@said=$$($(2) 2>&1) || { echo "$$said"; exit 1; }
endef

help:
	@echo "Gutschein. Clearing for regions of German city vouchers."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: set-up ## fill the Erzgebirge region with examples and serve it on http://127.0.0.1:8000
	@exec .venv/bin/gutschein demo

serve: set-up ## serve what is in the database, with your own settings
	@exec .venv/bin/gutschein serve

smoke: set-up ## run the whole job once, from issue to audit, beside your data; ends with one JSON line
	@exec .venv/bin/gutschein smoke

test: check ## check everything and run every test, the slow ones too
	@.venv/bin/python tools/find_chromium.py
	@echo "Running the tests"
	@.venv/bin/pytest $(PYTEST_ARGS)

check: set-up ## check style, types and the arrows between the packages
	$(call quietly,Checking the style,.venv/bin/ruff check)
	$(call quietly,Checking the format,.venv/bin/ruff format --check)
	$(call quietly,Checking the types,.venv/bin/mypy)
	$(call quietly,Checking the arrows between the packages,.venv/bin/lint-imports)

mutants: set-up ## write the rules about money wrong, one place at a time: do their tests notice?
	@.venv/bin/python tools/mutants.py $(if $(ONLY),--only $(ONLY))

# One with ONLY=name; PROFILE=1 shows what the workers do, SECONDS and SHARE try it on a small scale.
bench: set-up ## measure how fast it is, beside what the machine can do; takes most of an hour
	@.venv/bin/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(PROFILE),--profile) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(SHARE),--share $(SHARE))

format: set-up ## write the code in the one format
	@.venv/bin/ruff check --quiet --fix-only
	@.venv/bin/ruff format --quiet

clean: ## remove what make installed and cached; your data in var/ stays
	@echo "Removing .venv, .uv, the built front end and the caches; var/ stays"
	@rm -rf merchant_app/node_modules merchant_app/.fonts gutschein/web/static
	@rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

set-up:
	@"$(PYTHON)" tools/set_up.py
