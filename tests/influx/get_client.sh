#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Has the official client of InfluxDB in a cache outside of the tree, from npm where it is not there
# yet; a unit test of lib/view then has it talk to the stand-in. Without it that test is skipped, so
# a machine that lacks npm or does not reach it only hears so.
set -eu
version=1.35.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/neuron-tests
skipped() { echo "skipped: the test with InfluxDB's official client: $1"; exit 0; }
mkdir -p "$cache"
cd "$cache"
package=node_modules/@influxdata/influxdb-client/package.json
! grep -qs "\"version\": \"$version\"" "$package" || exit 0
command -v npm >/dev/null || skipped 'no npm here'
timeout 60 npm install --ignore-scripts --no-audit --no-fund --fetch-retries=0 \
  "@influxdata/influxdb-client@$version" >npm.log 2>&1 ||
  skipped "npm did not bring it within a minute, see $cache/npm.log"
