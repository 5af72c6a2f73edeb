# `make` alone lists what there is. Everything runs in .venv, which make builds itself and keeps up to date.
SHELL := /bin/sh
.SHELLFLAGS := -euc
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PY := .venv/bin/python
DEV := .venv/.dev.stamp
DEMO := .venv/.demo.stamp
LOCKED := pyproject.toml requirements/venv.sh
CODE := services tests training load_tests docs charts

export ORT_DISABLE_TELEMETRY := 1
export PYTHONUTF8 := 1

# A full environment serves the demo too; the demo alone needs the smaller one.
FOR_DEMO := $(if $(wildcard $(DEV)),$(DEV),$(DEMO))

.PHONY: help demo up test check lint types imports contracts docs contracts-check format bench bench-gateway simulate train \
        train-fast eval image chart lock clean distclean env

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

$(DEMO): requirements/demo.txt $(LOCKED)
	@sh requirements/venv.sh requirements/demo.txt
	@touch $@

$(DEV): requirements/dev.txt $(LOCKED)
	@sh requirements/venv.sh requirements/dev.txt
	@touch $@

env: $(DEV) ## build .venv with everything

demo: $(FOR_DEMO) ## a real Kafka and every service: comments in, nudges out. ARGS="--count 5000 --json"
	@.venv/bin/mahlan demo $(ARGS)

up: $(FOR_DEMO) ## the same and the gateway until Ctrl-C; prints where everything is. MAHLAN_GATEWAY_PORT=8090
	@.venv/bin/mahlan up $(ARGS)

# Many tests wait for brokers and processes: more workers than cores. Each has a Kafka of its own, and takes files in
# their order, as one worker would: those that write what is no event come after those that read all of a topic.
test: WORKERS = 4
test: $(DEV) ## every test but the soak and bench ones. ARGS="-k broker" WORKERS=4
	@echo "mahlan: running the tests; the first ones that need Kafka wait for its download" >&2
	@$(PY) -m pytest -q -m "not soak and not bench" --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder \
		$(ARGS)

check: lint types imports contracts-check test ## lint, types, imports, contracts, tests

lint: $(DEV) ## ruff: rules and format
	@echo "mahlan: ruff" >&2
	@$(PY) -m ruff check --quiet $(CODE)
	@$(PY) -m ruff format --check --quiet $(CODE)

format: $(DEV) ## let ruff repair what it can
	@$(PY) -m ruff check --quiet --fix $(CODE)
	@$(PY) -m ruff format --quiet $(CODE)

types: $(DEV) ## mypy --strict
	@echo "mahlan: mypy" >&2
	@$(PY) -m mypy

imports: $(DEV) ## the import layers
	@echo "mahlan: import-linter" >&2
	@PYTHONPATH=services .venv/bin/lint-imports --no-cache

contracts: $(DEV) ## write schemas/ from the event classes
	@$(PY) -m mahlan.events.jsonschema

docs: $(DEV) ## write the tables of docs/ from the code
	@$(PY) -m docs.generate

contracts-check: contracts ## fail when schemas/ is not what the classes say
	@echo "mahlan: schemas/ against the event classes" >&2
	@if git rev-parse --git-dir >/dev/null 2>&1; then \
		changed=$$(git status --porcelain -- schemas); \
		test -z "$$changed" || { echo "$$changed"; echo "mahlan: commit what make contracts wrote" >&2; exit 1; }; \
	fi

bench: $(DEV) ## throughput of the parts against plain Faust, bare aiokafka and bare onnxruntime
	@$(PY) -m load_tests.bench $(ARGS)

bench-gateway: $(DEV) ## latencies of the gateway at rising rates (needs vegeta, or Go to build it). ARGS="--model accurate@6"
	@PYTHONPATH=services:. $(PY) -m load_tests.gateway $(ARGS)

simulate: $(DEV) ## 1,000 experiments with invented authors: do the statistics keep what they promise? ARGS="--json"
	@$(PY) -m mahlan simulate $(ARGS)

train: OUT = models/accurate/7
train: $(DEV) ## train the accurate model (needs .[accurate]): DATA=FOLDER BASE=FOLDER [OUT=FOLDER] LICENCES=all
	@test -n "$(DATA)" && test -n "$(BASE)" || \
		{ echo 'usage: make train DATA=FOLDER BASE=FOLDER-OR-HUB-ID [OUT=$(OUT)] [LICENCES=stated] [ARGS=…]' >&2; \
		echo 'more, for ARGS: .venv/bin/python -m training.accurate --help; the stages: training/accurate/README.md' >&2; \
		exit 2; }
	@PYTHONPATH=services:. $(PY) -m training.accurate --data "$(DATA)" --base "$(BASE)" --out "$(OUT)" \
		--licences "$(or $(LICENCES),all)" --resume $(ARGS)

train-fast: OUT = models/fast/6
train-fast: $(DEV) ## train the fast model: DATA=FOLDER [OUT=FOLDER]
	@test -n "$(DATA)" || { echo 'usage: make train-fast DATA=FOLDER [OUT=$(OUT)]' >&2; exit 2; }
	@$(PY) -m training.fast --data "$(DATA)" --out "$(OUT)" $(ARGS)

eval: $(DEV) ## measure a model, fail if worse than its predecessor: [DATA=FOLDER] [MODEL=fast@2] [AGAINST=fast@1] [ROWS=2000]
	@PYTHONPATH=services:. $(PY) -m training.evaluate $(if $(DATA),--data "$(DATA)") $(if $(MODEL),--model "$(MODEL)") \
		$(if $(AGAINST),--against "$(AGAINST)") $(if $(ROWS),--rows "$(ROWS)") $(ARGS)

image: ## the container image mahlan:latest (needs docker or podman)
	@engine=$$(command -v docker || command -v podman || true); \
	test -n "$$engine" || { echo "mahlan: make image needs docker or podman" >&2; exit 2; }; \
	"$$engine" build -t mahlan:latest .

chart: ## lint, render and validate the chart (needs helm)
	@sh charts/verify.sh

lock: $(DEV) ## write requirements/*.txt and the list of Kafka's jars anew
	@sh requirements/lock.sh
	@$(PY) -m mahlan.local.jars

clean: ## remove what was built, but not .venv and the Kafka jars
	@rm -rf .build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
	@find services tests training load_tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove those too
	@rm -rf .venv .mahlan
