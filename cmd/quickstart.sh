#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 or Ubuntu 24.04 to a recognised digit and a profile of how: installs what is
# missing, builds, then compiles, inspects, runs and profiles the bundled model.
# quickstart.sh [DIGIT.npy]: another image, 28 x 28 floats from 0 to 1.
set -euo pipefail
image=$(realpath "${1:-$(dirname "$0")/../tests/data/digits/7.npy}")
cd "$(dirname "$0")/.."

third_party/install.sh
cmake -S . -B build -G Ninja -DNEURON_TESTS=OFF >/dev/null
ninja -C build neuron
build=$PWD/build
export PATH="$build/cmd:$PATH"

data=$PWD/tests/data/digits
mkdir -p build/quickstart
cd build/quickstart
show() { printf '\n$ %s\n' "$*"; "$@"; }

show neuron compile "$data/digits.onnx" --target trn2 -o digits.neff
show neuron packager info digits.neff
show neuron run digits.neff image "$image" --top 3 --labels "$data/labels.txt"
show neuron profile capture -n digits.neff -s profile.ntff
show neuron profile view -n digits.neff -s profile.ntff --output-format summary-text

cat <<end

The timeline of this profile opens in a browser at the address that this prints:
  cd $PWD && $build/cmd/neuron profile view -n digits.neff -s profile.ntff
end
