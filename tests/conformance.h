// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/file.h"

/// The conformance data that a test needs, or nothing (and a printed reason) where it is not there.
///   auto dir = conformance("neff");  if (!dir) return;
inline std::optional<neuron::fs::path> conformance(const std::string& part) {
  const char* set = std::getenv("NEURON_CONFORMANCE_DIR");
  const neuron::fs::path root =
      set ? neuron::fs::path(set) : neuron::fs::path(NEURON_SOURCE_DIR) / "../shared/conformance";
  if (neuron::fs::exists(root / part)) return root / part;
  std::puts("skipped: no conformance data");
  return std::nullopt;
}
