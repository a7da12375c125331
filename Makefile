# Everything that a command needs is installed here, into .venv. PYTHON chooses the interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TRAINERS := .venv-trainers
SOURCES := rewardkit plugins tests examples benchmarks

.PHONY: demo test check format bench wheel test-trainers r1-chain clean

# What the main job prints from the example rollouts: scores, filters, an SFT data set; and what
# a model of the R1 chain can do. Each command is shown, then run.
SHOWN = @run() { printf '\n$$ %s\n' "rewardkit $$*"; $(BIN)/rewardkit "$$@"; }; run
demo: $(VENV)/.installed
	$(SHOWN) score examples/rollouts.jsonl --preset r1-zero --out out/scored.jsonl
	$(SHOWN) filter examples/rollouts.jsonl --preset r1-rejection-sampling --out out/kept.jsonl --dropped out/dropped.jsonl
	$(SHOWN) build examples/rollouts.jsonl --recipe examples/recipe.toml --out out/sft --overwrite
	$(SHOWN) score examples/r1_chain/rollouts/cold.jsonl --preset r1 --out out/cold.jsonl
	$(SHOWN) metrics out/cold.jsonl --k 1,4,8 --metric pass,maj

test: $(VENV)/.test
	$(BIN)/python -m pytest

check: $(VENV)/.check
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy

format: $(VENV)/.check
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

bench: $(VENV)/.bench
	$(BIN)/python benchmarks/framework.py
	$(BIN)/python benchmarks/formats.py
	$(BIN)/python benchmarks/builder.py 10000 100000
	$(BIN)/python benchmarks/mathematics.py
	$(BIN)/python benchmarks/metrics.py
	$(BIN)/python benchmarks/sandbox.py
	$(BIN)/python benchmarks/programs.py
	$(BIN)/python benchmarks/filters.py
	$(BIN)/python benchmarks/duplicates.py
	$(BIN)/python benchmarks/redos.py
	$(BIN)/python benchmarks/language.py
	$(BIN)/python benchmarks/serving.py 500 60 300
	$(BIN)/python benchmarks/grpo.py

# Builds the wheel, installs it into an empty environment, and runs the tests and the demo there.
wheel:
	PYTHON=$(PYTHON) tests/wheel.sh

# Needs torch, JAX and trainers, which nothing else does: they live in an environment of their own.
test-trainers: $(TRAINERS)/.installed
	$(TRAINERS)/bin/python -m pytest --override-ini=addopts= --import-mode=importlib tests/trainers
	REWARDKIT_ARRAYS=numpy,torch,jax $(TRAINERS)/bin/python -m pytest tests/grpo

# A chain of R1's stages that trains on this machine's CPU; stopped, it goes on where it was.
r1-chain: SEED ?= 0
r1-chain: $(TRAINERS)/.installed
	PYTHONPATH=examples $(TRAINERS)/bin/python -m r1_chain --seed $(SEED) --out out/r1_chain/seed$(SEED)

clean:
	rm -rf $(VENV) .venv-* dist out build

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group test
	@touch $@

$(VENV)/.check: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --group check
	@touch $@

$(TRAINERS)/.installed: pyproject.toml
	$(PYTHON) -m venv $(TRAINERS)
	$(TRAINERS)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(TRAINERS)/bin/python -m pip install --quiet torch==2.13.0
	$(TRAINERS)/bin/python -m pip install --quiet --editable . --group test --group trainers
	$(TRAINERS)/bin/python -m pip install --quiet --no-deps verl==0.9.1 openrlhf==0.11.2
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@
