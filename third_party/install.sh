#!/bin/sh
# Installs what the build and the tests need on Debian 12 or Ubuntu 24.04; does nothing that is done.
set -eu
packages="build-essential cmake ninja-build ccache pkg-config git
libcli11-dev libfmt-dev nlohmann-json3-dev libarchive-dev zlib1g-dev libisal-dev libzstd-dev
libssl-dev catch2 libprotobuf-dev protobuf-compiler libonnx-dev libsqlite3-dev libcpp-httplib-dev
libncurses-dev libfabric-dev esbuild"
missing=""
for package in $packages "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing
