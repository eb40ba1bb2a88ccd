#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every test under the address and undefined behaviour sanitizers, in a build folder of its own.
# Builds everything anew. Options go to ctest: tests/sanitize.sh -R unit
set -euo pipefail
cd "$(dirname "$0")/.."
cmake -S . -B build-asan -G Ninja -DNEURON_WERROR=ON -DNEURON_SANITIZE=address,undefined >/dev/null
ninja -C build-asan
ctest --test-dir build-asan --output-on-failure -j"$(nproc)" "$@"
