// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "neff/model.h"
#include "view/oddities.h"
#include "view/timeline.h"

namespace neuron::view {

/// What a package tells about the rows of a timeline.
struct PackageNotes {
  std::optional<neff::Model> model;
  const neff::Subgraph* subgraph(std::string_view name) const;
};

/// Reads the package; fills in the timeline's header, tensors, versions and sizes. A package that
/// is no readable model leaves names out and is an oddity.
PackageNotes notes_of(const neff::Package& package, Timeline& timeline, Oddities& oddities);

}  // namespace neuron::view
