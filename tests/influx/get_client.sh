#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches the official client of InfluxDB from npm to a cache outside of the tree; a unit test of
# lib/view then has it talk to the stand-in.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/neuron-tests
mkdir -p "$cache"
cd "$cache"
npm install --ignore-scripts --no-audit --no-fund @influxdata/influxdb-client@1.35.0
