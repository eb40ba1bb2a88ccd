// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.h"

namespace neuron::nrt::cc {

/// Loads libfabric, NEURON_SIM_LIBFABRIC, when it is first needed: it brings a dozen libraries that
/// a program without collectives should not wait for. Its functions may be called once this
/// succeeded.
Result<> load_libfabric();

}  // namespace neuron::nrt::cc
