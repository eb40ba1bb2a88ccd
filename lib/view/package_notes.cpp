// SPDX-License-Identifier: Apache-2.0
#include "view/package_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "neff/info.h"

namespace neuron::view {
namespace {

/// The header as rows of text, under the keys of the official tool.
void put_header(const neff::Header& h, Timeline& timeline) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  const std::uint32_t lnc = std::max<std::uint32_t>(1, +h.lnc_size);
  timeline.neff_hash = hex(ByteView(h.hash).first(16));
  timeline.network_name = neff::text_of(h.name);
  timeline.neff_header = {
      {"header_size", number(h.header_size)},
      {"data_size", number(h.data_size)},
      {"package_version", number(h.pkg_version)},
      {"major_version", number(h.neff_version_major)},
      {"minor_version", number(h.neff_version_minor)},
      {"build_version", std::string(neff::text_of(h.neff_build_version))},
      {"number_of_logical_neuroncores", number(h.num_tpb)},
      {"number_of_neuroncores_per_lnc", number(lnc)},
      {"enabled_features", neff::feature_names(h.feature_bits)},
      {"hash", timeline.neff_hash},
      {"uuid", hex(h.uuid)},
      {"network_name", timeline.network_name},
  };
}

const char* kind_of(const neff::Variable& v) {
  switch (v.kind) {
    case neff::VariableKind::Input:
      return "IN";
    case neff::VariableKind::Output:
      return "OUT";
    case neff::VariableKind::File:
      return "WEIGHT";
    default:
      return nullptr;
  }
}

void put_tensors(const neff::Subgraph& subgraph, Timeline& timeline) {
  for (const neff::Variable& v : subgraph.variables) {
    const char* kind = kind_of(v);
    if (!kind) continue;
    Tensor tensor{v.name, kind, "", "", v.size};
    if (auto note = subgraph.tensors.find(v.name); note != subgraph.tensors.end()) {
      tensor.format = note->second.format;
      tensor.shape = fmt::format("[{}]", fmt::join(note->second.shape, " "));
    }
    timeline.tensors.push_back(std::move(tensor));
  }
  const auto rank = [](const Tensor& t) { return t.kind == "IN" ? 0 : t.kind == "OUT" ? 1 : 2; };
  std::sort(timeline.tensors.begin(), timeline.tensors.end(),
            [&](const Tensor& a, const Tensor& b) {
              return std::pair(rank(a), a.name) < std::pair(rank(b), b.name);
            });
}

}  // namespace

const neff::Subgraph* PackageNotes::subgraph(std::string_view name) const {
  if (model)
    for (const neff::Subgraph& s : model->subgraphs)
      if (s.name == name) return &s;
  return nullptr;
}

PackageNotes notes_of(const neff::Package& package, Timeline& timeline, Oddities& oddities) {
  PackageNotes notes;
  put_header(package.header, timeline);
  auto model = neff::model_of(package);
  if (!model) {
    oddities.count(Oddity::unreadable_package);
    timeline.warnings.push_back(model.error().message);
    return notes;
  }
  notes.model = *std::move(model);
  timeline.target = notes.model->target;
  timeline.compiler_version = notes.model->tool_version;
  if (notes.model->stats)
    timeline.model_macs = notes.model->stats->mac_count;
  else
    oddities.count(Oddity::no_hlo_stats);
  if (!notes.model->subgraphs.empty()) {
    timeline.neff_node = notes.model->subgraphs.front().node;
    put_tensors(notes.model->subgraphs.front(), timeline);
  }
  return notes;
}

}  // namespace neuron::view
