// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/file.h"
#include "nrt/events.h"

/// Inspection of a process: events, device traces of its models, its memory and processor time,
/// written to a directory of its own.
namespace neuron::nrt::inspect {

struct Options {
  bool is_enabled = true, on_fail_only = false;
  bool system_profile = true, device_profile = false, host_memory = false, cpu_util = false;
  fs::path directory = "./output";
  int session = 0;
  events::Config events;
};
/// From NEURON_RT_INSPECT_*.
Result<Options> options_of_environment();

Result<> begin(const Options& options);
/// Writes <directory>/i-<instance>_pid_<pid>/ and stops.
Result<> stop();
/// Writes and goes on.
Result<> write_now();
/// An execution failed: what NEURON_RT_INSPECT_ON_FAIL waits for.
void note_failure();
/// A model is loaded: its package is written now, where device profiles are; later it is let go.
void note_load(nrt_model& model);
/// A model is unloaded: its trace is written now.
void note_unload(nrt_model& model);

/// For nrt_init and nrt_close: NEURON_RT_INSPECT_ENABLE.
Result<> begin_when_asked();
void end_when_asked();

}  // namespace neuron::nrt::inspect
