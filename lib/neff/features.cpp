// SPDX-License-Identifier: Apache-2.0
#include "neff/features.h"

#include <algorithm>

#include "base/npy.h"
#include "neff/members.h"

namespace neuron::neff {
namespace {

struct Feature {
  unsigned bit;
  const char* name;
};
constexpr Feature kFeatures[] = {
#define NEFF_FEATURE(bit, name) {bit, name},
#include "neff/features.def"
#undef NEFF_FEATURE
};

constexpr std::uint64_t mask_of(std::string_view name) {
  for (const Feature& f : kFeatures)
    if (name == f.name) return std::uint64_t{1} << f.bit;
  throw "no such row in features.def";
}
constexpr std::uint64_t kBinWeights = mask_of("bin-weights"),
                        kQueueInstances = mask_of("queue-set-instances"),
                        kFunctions = mask_of("on-chip-functions"),
                        kVirtualCore = mask_of("virtual-core");

void constants_of(const Subgraph& s, const MemberIndex& members, std::vector<FeatureNeed>& needs) {
  for (const Variable& v : s.variables) {
    if (v.kind != VariableKind::File) continue;
    const Member* m = members.find(s.directory + v.file_name);
    if (!m || npy::is_npy(m->bytes)) continue;
    needs.push_back({kBinWeights, s.directory + s.definition, pointer_to("/var", v.name),
                     "the constant " + v.name + " is no npy file"});
    return;
  }
}

/// A key that only packages with the feature have; large JSON is searched before it is parsed.
bool mentions(const Member* member, std::string_view key) {
  return member && neuron::text_of(ByteView(member->bytes)).find(key) != std::string_view::npos;
}

void instances_of(const Subgraph& s, const MemberIndex& members, std::vector<FeatureNeed>& needs) {
  const std::string path = s.directory + s.definition;
  if (!mentions(members.find(path), "\"queue_instances\"")) return;
  const auto definition = members.json(path);
  if (!definition) return;
  const auto queues = object_of(*definition, "dma_queue");
  if (!queues) return;
  for (const auto& [name, row] : (*queues)->items()) {
    const auto list = array_of(row, "queue_instances");
    if (!list || (*list)->empty()) continue;
    needs.push_back({kQueueInstances, path, pointer_to("/dma_queue", name),
                     "the queue " + name + " has instances"});
    return;
  }
}

void functions_of(const Subgraph& s, const MemberIndex& members, std::vector<FeatureNeed>& needs) {
  for (const EngineProgram& e : s.engines) {
    const std::string path = s.directory + e.json_name;
    if (!mentions(members.find(path), "\"function_start\"")) continue;
    needs.push_back({kFunctions, path, "", "transfers begin functions"});
    return;
  }
}

}  // namespace

std::vector<FeatureNeed> features_needed(const Package& package, const Model& model) {
  const MemberIndex members(package);
  std::vector<FeatureNeed> needs;
  for (const Subgraph& s : model.subgraphs) {
    constants_of(s, members, needs);
    instances_of(s, members, needs);
    functions_of(s, members, needs);
    if (std::count(s.features.begin(), s.features.end(), "neff_feature_vnc") > 0)
      needs.push_back({kVirtualCore, s.directory + s.definition, "/neff_features",
                       "the subgraph is one core of a logical core"});
  }
  return needs;
}

std::vector<std::string> feature_list(std::uint64_t bits) {
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((bits >> bit & 1) == 0) continue;
    const auto known = std::find_if(std::begin(kFeatures), std::end(kFeatures),
                                    [&](const Feature& f) { return f.bit == bit; });
    names.push_back(known != std::end(kFeatures) ? known->name
                                                 : fmt::format("0x{:x}", std::uint64_t{1} << bit));
  }
  return names;
}

std::string feature_names(std::uint64_t bits) {
  const auto names = feature_list(bits);
  return names.empty() ? "N/A" : fmt::format("{}", fmt::join(names, ", "));
}

std::optional<std::uint64_t> feature_named(std::string_view name) {
  for (const Feature& f : kFeatures)
    if (name == f.name) return std::uint64_t{1} << f.bit;
  return std::nullopt;
}

bool is_feature_named(std::uint64_t mask) {
  return std::any_of(std::begin(kFeatures), std::end(kFeatures),
                     [&](const Feature& f) { return mask == std::uint64_t{1} << f.bit; });
}

}  // namespace neuron::neff
