// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "neff/archive.h"
#include "neff/members.h"

// The header that an archive's own members ask for; `packager create` starts from it.
namespace neuron::neff {
namespace {

constexpr std::uint64_t kVirtualCore = std::uint64_t{1} << 10;

Result<> name_from_info(Header& header, const MemberIndex& members) {
  if (!members.find("info.json")) return {};
  const auto info = TRY(members.json("info.json"));
  const auto name = TRY(optional_of<std::string>(info, "name", "").within("info.json"));
  name.copy(header.name.data(), header.name.size());
  return {};
}

/// Subgraphs that are the physical cores of one logical core say so in their features.
void cores_from_model(Header& header, const Model& model) {
  const auto is_core = [](const Subgraph& s) {
    return std::count(s.features.begin(), s.features.end(), "neff_feature_vnc") > 0;
  };
  header.lnc_size = 1;
  if (model.subgraphs.empty() ||
      !std::all_of(model.subgraphs.begin(), model.subgraphs.end(), is_core))
    return;
  header.lnc_size = static_cast<std::uint32_t>(model.subgraphs.size());
  header.feature_bits |= kVirtualCore;
}

}  // namespace

Result<Package> package_around(Bytes archive) {
  Package package;
  package.members = TRY(read_archive(archive).within("archive"));
  package.archive = std::move(archive);
  TRY(name_from_info(package.header, MemberIndex(package)));
  const auto model = TRY(model_of(package));
  cores_from_model(package.header, model);
  package.header.tpb_per_node[0] = std::byte{1};
  return package;
}

}  // namespace neuron::neff
