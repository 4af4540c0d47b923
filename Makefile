# The short commands. `make help` lists them.
BUILD ?= build
JOBS ?= $(shell nproc)
PHOTOS ?=
FILTER ?= .
export CTEST_OUTPUT_ON_FAILURE = 1

.PHONY: help install-deps build test nightly sanitize demo bench bench-peers clean

help:
	@echo "make build        installs what is missing and leaves the program at build/cuunet"
	@echo "make demo         builds, trains the network before your eyes and shows pictures (PHOTOS=folder: your own)"
	@echo "make test         builds and runs every test"
	@echo "make nightly      the longer tests: every network of the conformance cases on the host executor"
	@echo "make sanitize     the executor's and readers' tests and the table of operators under ASan and UBSan"
	@echo "make bench        times every kernel and the whole network (FILTER=regex: only rows of such a name)"
	@echo "make bench-peers  installs PyTorch and ONNX Runtime into .venv for the comparisons of bench/peers"

install-deps:
	@tools/dev/install_deps.sh

# The program alone. CUDA kernels are built where there is a GPU to run them.
gpu_options = $(if $(shell nvidia-smi -L 2> /dev/null),-DCUUNET_CUDA=ON -DCUUNET_CUDA_ARCHITECTURES=native)
build: install-deps
	@tools/dev/configure.sh $(BUILD) -DCUUNET_SIMT=ON $(gpu_options)
	@cmake --build $(BUILD) -j $(JOBS) --target cuunet

# Everything. CUDA sources are compiled wherever nvcc is, and the benchmarks everywhere, so that they cannot rot.
test:
	@tools/dev/install_deps.sh libbenchmark-dev
	@tools/dev/configure.sh $(BUILD) -DCUUNET_SIMT=ON -DCUUNET_BENCH=ON $(if $(shell command -v nvcc),-DCUUNET_CUDA=ON)
	@cmake --build $(BUILD) -j $(JOBS)
	@tools/dev/run_tests.sh $(BUILD) -LE nightly

# Tests too long for every change: the whole of fastai_unet on the host executor.
nightly: install-deps
	@tools/dev/configure.sh $(BUILD) -DCUUNET_SIMT=ON
	@cmake --build $(BUILD) -j $(JOBS) --target cuunet
	@tools/dev/run_tests.sh $(BUILD) -L nightly

# A new build folder is filled without the host executor, which the demo does not use: 75 s of compiling.
demo: install-deps
	@tools/dev/configure.sh $(BUILD) $(if $(wildcard $(BUILD)/CMakeCache.txt),,-DCUUNET_SIMT=OFF) $(gpu_options)
	@cmake --build $(BUILD) -j $(JOBS) --target cuunet
	@tools/dev/demo.sh $(BUILD) '$(PHOTOS)'

# Medians of three runs of every row; JSON beside them in the build folder.
bench:
	@tools/dev/install_deps.sh libbenchmark-dev
	@tools/dev/configure.sh $(BUILD) -DCUUNET_BENCH=ON
	@cmake --build $(BUILD) -j $(JOBS) --target bench_kernels bench_models
	@for bench in kernels models; do $(BUILD)/bench/bench_$$bench --benchmark_filter='$(FILTER)' --benchmark_min_time=0.1 \
	  --benchmark_repetitions=3 --benchmark_report_aggregates_only=true --benchmark_out=$(BUILD)/bench/$$bench.json || exit 1; done

# PyTorch and ONNX Runtime for the comparisons of bench/peers, in an environment of its own.
bench-peers:
	python3 -m venv .venv
	.venv/bin/pip install --quiet torch numpy onnxruntime

# Address and undefined-behaviour checks of what reads foreign bytes or runs kernels on the host.
sanitize: install-deps
	@tools/dev/sanitize.sh $(BUILD)-sanitize

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize
