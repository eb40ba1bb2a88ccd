#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything and runs every test.
# The closing line is ctest's own. Options go to ctest: tests/run.sh -R unit
set -euo pipefail
cd "$(dirname "$0")/.."

extra="xz-utils zstd groff man-db curl fish zsh tmux"
# The page of the profiler is driven in a browser. Ubuntu has it as a snap only, which a container
# cannot install; tests that need it say that they were skipped.
. /etc/os-release
[ "$ID" != debian ] || extra="$extra chromium chromium-driver"
# shellcheck disable=SC2086
third_party/install.sh $extra
tests/influx/get_client.sh

# A newer compiler may warn of what those of .ci/run accept; that stops nobody else.
cmake -S . -B build -G Ninja -DNEURON_WERROR="${CI:-OFF}" -DNEURON_TESTS=ON >/dev/null
ninja -C build
ctest --test-dir build --output-on-failure -j"$(nproc)" "$@"
