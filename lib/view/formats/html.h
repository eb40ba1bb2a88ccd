// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/formats/sink.h"
#include "view/timeline.h"

namespace neuron::view {
/// The page of a profile as one file that needs no server: scripts, style and data stand in it.
/// Data is one window over all at 4096 steps a row, and the details of the first 4000 events, so
/// that the file stays small enough to mail however long the profile is.
Result<> write_html(const Timeline& timeline, const Sink& sink);
}  // namespace neuron::view
