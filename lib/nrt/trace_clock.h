// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "ntff/ntff.h"
#include "sim/clock.h"

/// What a device trace tells about one core's program, in the schedule's words.
namespace neuron::nrt {

/// The compiler's own instructions, without what the runtime put around them.
struct ProgramRecords {
  std::uint64_t begin_ps = 0, end_ps = 0;  ///< of the trace's clock; equal when there are none
  std::vector<ntff::InstructionRecord> records;  ///< pc20 is the index in the engine's stream
};
ProgramRecords program_records(const ntff::CoreTrace& core);

/// Changes of the tensor engine's clock, from the program's first instruction on. What was set
/// before stands at 0.
Result<std::vector<sim::ThrottleTime>> clock_of(const ntff::CoreTrace& core);

}  // namespace neuron::nrt
