# Every target can be repeated. Settings: see docker-compose.yml.
.DEFAULT_GOAL := help
.PHONY: help up down engine test test-fast prove test-engines lint bench clean venv

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## start the lab and print its address; gets an engine and base images where there are none
	@scripts/up.sh

down: ## stop the lab; your work stays
	@scripts/down.sh

engine: ## an engine and the base images, nothing else
	@scripts/engine.sh
	@scripts/images.sh

test: ## everything that proves the project
	@scripts/test.sh

test-fast: ## the tests that need no engine
	@scripts/test.sh --fast

prove: ## the whole proof of the exercises (ONLY="06 07-multi-stage", CHANGED=1: those; FRESH=1: whatever ran before)
	@scripts/test.sh --prove

test-engines: ## verdicts on every engine that is supported: before a release, not in CI
	@scripts/test.sh --engines

lint: venv ## style, types, shell scripts
	@scripts/lint.sh

bench: venv engine ## how much slower than a bare shell script the grader is
	@.venv/bin/python -m benchmarks.check_latency

clean: ## remove what Drydock put on this machine (asks first); your work stays
	@scripts/clean.sh

venv:
	@scripts/venv.sh
