#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Drives neuron top in tmux, as a person would.
set -eu
if ! command -v tmux >/dev/null; then
  echo "skipped: tmux is not installed"
  exit 0
fi
export TERM=screen LANG=C.UTF-8 LC_ALL=C.UTF-8 NEURON_SIM_INSTANCE=u-trn2x64
socket=neuron-top-$$
run() { tmux -f /dev/null -L "$socket" "$@"; }
trap 'run kill-server 2>/dev/null || true' EXIT
shows() { # waits until the screen has a line like $1
  tries=0
  until run capture-pane -p | grep -q -- "$1"; do
    tries=$((tries + 1))
    [ $tries -lt 150 ] || { echo "the screen lacks '$1':"; run capture-pane -p; exit 1; }
    sleep 0.1
  done
}
run new-session -d -x 150 -y 50 'neuron top --interval 0.05; echo "ended with $?"; sleep 60'
shows 'neuron-top .* running on i-.* (u-trn2x64)'
shows 'NeuronCore v3d Utilization (Avg: 0.00%)'
shows ' ND63 '
shows '>\[1\]:all<'
run send-keys f
shows 'Utilization (Total: 0.00 MFLOPS)'
run send-keys f
shows 'Avg:'
run resize-window -x 90 -y 30
shows ' ND63 '
[ "$(run capture-pane -p | grep -c 'q: quit')" = 1 ] || { echo "the keys are not shown once"; exit 1; }
run send-keys q
shows 'ended with 0'
echo "drawn"
