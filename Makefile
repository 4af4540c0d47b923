# The short commands. `make help` lists them.
BUILD ?= build
JOBS ?= $(shell nproc)
PHOTOS ?=
export CTEST_OUTPUT_ON_FAILURE = 1

.PHONY: help install-deps build test sanitize demo bench-peers clean

help:
	@echo "make build        installs what is missing and leaves the program at build/cuunet"
	@echo "make demo         builds, trains the network before your eyes and shows pictures (PHOTOS=folder: your own)"
	@echo "make test         builds and runs every test"
	@echo "make sanitize     the executor's and readers' tests under ASan and UBSan"
	@echo "make bench-peers  installs PyTorch into .venv for the comparisons of bench/peers"

install-deps:
	@tools/dev/install_deps.sh

# The program alone. CUDA kernels are built where there is a GPU to run them.
build: install-deps
	@tools/dev/configure.sh $(BUILD) $(if $(shell nvidia-smi -L 2> /dev/null),-DCUUNET_CUDA=ON -DCUUNET_CUDA_ARCHITECTURES=native)
	@cmake --build $(BUILD) -j $(JOBS) --target cuunet

# Everything. CUDA sources are compiled wherever nvcc is, so that they cannot rot.
test: install-deps
	@tools/dev/configure.sh $(BUILD) $(if $(shell command -v nvcc),-DCUUNET_CUDA=ON)
	@cmake --build $(BUILD) -j $(JOBS)
	@tools/dev/run_tests.sh $(BUILD)

demo: build
	@tools/dev/demo.sh $(BUILD) $(PHOTOS)

# PyTorch for the comparisons of bench/peers, in an environment of its own.
bench-peers:
	python3 -m venv .venv
	.venv/bin/pip install --quiet torch numpy

# Address and undefined-behaviour checks of what reads foreign bytes or runs kernels on the host.
sanitize: install-deps
	@tools/dev/sanitize.sh $(BUILD)-sanitize

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize
