# The commands of this repository. Each installs what is missing, builds what it needs, and runs.
# Everything is made under build/; fetched files are kept in ~/.cache/actium (cmake/setup.sh --help).
.DEFAULT_GOAL := help
.PHONY: help demo serve bench bench-engine test test-full gpu-test gpu-bench format clean

REPOSITORY ?= models/repository
ARGS ?=
PARTS ?=
# The cache's has torch of LibTorch's version, but neither Triton nor ONNX Runtime CUDA; another may.
GPU_PYTHON = $${PYTHON:-$$(cmake/setup.sh --cache)/test-torch/bin/python}

help:  ## Print this list
	@echo "Actium: serves CNNs that differ in their activation, over gRPC."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "Variables: REPOSITORY=DIR (models to serve), ARGS='--option ...' (for the program that"
	@echo "is run), PARTS='STAGE ...' (of make test and make test-full; tests/run.sh --help), JOBS=N"
	@echo "(compilations at once), ACTIUM_CACHE=DIR (what was fetched)."

demo:  ## Serve the shipped models, send them real images, compare them: build/comparison.html
	@cmake/setup.sh build
	@cmake/build.sh release actium-server actium
	@build/release/bin/actium --local $(REPOSITORY) demo $(ARGS)
	@echo
	@exec build/release/bin/actium --local $(REPOSITORY) compare --time-limit 30 \
	  --report build/comparison.html \
	  $(if $(filter models/repository,$(REPOSITORY)),--baseline relu --seeds models/predictions)

serve:  ## Serve models/repository until Ctrl-C
	@cmake/setup.sh build
	@cmake/build.sh release actium-server actium
	@exec build/release/bin/actium-server --model-repository $(REPOSITORY) $(ARGS)

bench:  ## Measure the server beside a bare gRPC echo and in-process compute, then the kernels
	@cmake/setup.sh build
	@cmake/build.sh release actium-server actium-bench-echo actium-server-bench \
	  actium-activation-bench
	@build/release/bin/actium-server-bench $(ARGS)
	@echo
	@exec build/release/bin/actium-activation-bench

bench-engine:  ## Measure the CPU engine beside ONNX Runtime, OpenVINO, TorchScript, torch.compile
	@cmake/setup.sh bench-engine
	@cmake/build.sh release actium-engine-runner
	@exec "$$(cmake/setup.sh --cache)/test-torch/bin/python" tests/bench/engines/bench_engines.py $(ARGS)

test:  ## Build and run all tests of every change (from nothing some 30 minutes on two cores)
	@cmake/setup.sh test
	@tests/run.sh $(PARTS) $(ARGS)

test-full:  ## Everything else: sweeps, LibTorch under ASan, other software, clang-tidy, fuzzing
	@cmake/setup.sh test-full
	@tests/run.sh --full $(PARTS) $(ARGS)

gpu-test:  ## Test the CUDA engine on this machine's GPU (elsewhere: tests/gpu/pack.sh --help)
	@cmake/setup.sh build-cuda
	@cmake/setup.sh bench-engine
	@tests/gpu/pack.sh --no-graphs
	@PYTHON="$(GPU_PYTHON)" exec build/gpu-suite/run.sh $(ARGS)

gpu-bench:  ## Measure it beside copies of memory, PyTorch and ONNX Runtime
	@cmake/setup.sh build-cuda
	@cmake/setup.sh bench-engine
	@tests/gpu/pack.sh --no-graphs
	@PYTHON="$(GPU_PYTHON)" exec build/gpu-suite/bench.sh $(ARGS)

format:  ## Format all C++ files
	@cmake/setup.sh test
	@tests/run.sh --list-cxx | xargs -d '\n' clang-format-16 -i

clean:  ## Delete build/ (the cache stays)
	rm -rf build
