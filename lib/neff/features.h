// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/model.h"

/// Feature bits: their names (features.def), and which of them the content of a package needs.
namespace neuron::neff {

struct FeatureNeed {
  std::uint64_t bit = 0;  ///< a mask of one bit
  std::string member;     ///< that uses the feature
  std::string pointer;    ///< RFC 6901, inside it
  std::string reason;     ///< "the constant w is no npy file"
};
/// At most one need for each bit and subgraph. Only features whose mark in a package is known.
std::vector<FeatureNeed> features_needed(const Package& package, const Model& model);

/// "virtual-core, 0x1000", or "N/A" when no bit is set.
std::string feature_names(std::uint64_t bits);
/// The same one by one.
std::vector<std::string> feature_list(std::uint64_t bits);
/// The bit of a name of features.def.
std::optional<std::uint64_t> feature_named(std::string_view name);
bool is_feature_named(std::uint64_t mask);

}  // namespace neuron::neff
