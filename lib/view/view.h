// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/digest.h"
#include "neff/model.h"
#include "ntff/ntff.h"
#include "view/timeline.h"

/// Traces to timelines, numbers and a page.
///   auto timeline = TRY(view::import(&package, trace, {}));
///   fmt::print("{}", view::summary_text(view::metrics_of(timeline)));
/// Output formats (formats/) are pure functions of the timeline; store.h keeps timelines, server.h
/// shows them.
namespace neuron::view {

struct ImportOptions {
  bool show_host = false;      ///< keep host paths and instance ids
  bool show_preamble = false;  ///< keep what lies outside the window
  /// Records that are left out.
  bool skip_instructions = false, skip_dma = false, skip_events = false;
  fs::path spool;  ///< where events of large traces lie meanwhile; empty: in memory
};
/// `package` may be null: names then come from the trace alone. Mismatch when the uuids differ.
/// Records of the trace are let go as they find their place.
Result<Timeline> import(const neff::Package* package, ntff::Trace trace,
                        const ImportOptions& options);

/// "n_" and 40 hexadecimal digits: the SHA-1 of the SHA-1 digests of both files.
std::string profile_id(ByteView neff, ByteView ntff);
using Sha1 = std::array<std::byte, 20>;
/// The same, from the digests of the files.
std::string profile_id_of(const Sha1& neff, const Sha1& ntff);
/// Of one of several traces that have the id `same`.
std::string profile_id_of(const std::string& same, const std::string& name);

}  // namespace neuron::view
