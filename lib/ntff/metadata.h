// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "ntff/clock.h"
#include "ntff/records.h"

/// The metadata message as it stands in a file: the trace without what lies in the data, and where
/// in the data that lies.
namespace neuron::ntff {

struct Section {
  std::uint64_t kind = 0, source = 0, index = 0, offset = 0, size = 0, nc_index = 0;
};
/// Where an image's instructions lie in the data; size 0 when they came inline.
struct Place {
  std::uint64_t offset = 0, size = 0;
};
struct CoreDraft {
  std::vector<Section> sections;
  std::vector<Place> places;  ///< one for each of the core's images
  Clocks clocks;
};
struct Draft {
  Trace trace;
  std::vector<CoreDraft> cores;  ///< one for each of the trace's cores
  std::vector<Section> sections;
  bool has_window = false;
};

/// Fails on a message that is no message, and on one that holds no core.
Result<Draft> read_metadata(ByteView message);

}  // namespace neuron::ntff
