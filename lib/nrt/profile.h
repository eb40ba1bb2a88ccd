// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/model.h"
#include "ntff/ntff.h"

/// Device traces of a model, in the layout of real ones.
namespace neuron::nrt {

/// The trace of one execution of `model`, from its schedules.
Result<ntff::Trace> trace_of(nrt_model& model);

/// One profile session a file: start remembers the model, stop writes the file whole. The name
/// ending ".zst" asks for zstd framing.
Result<> start_profile(nrt_model& model, const std::string& filename);
Result<> stop_profile(const std::string& filename);
/// Forgets sessions of a model that is being unloaded.
void drop_profiles(const nrt_model& model);

}  // namespace neuron::nrt
