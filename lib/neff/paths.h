// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"

/// Private to the library: which names members may have.
namespace neuron::neff {

inline constexpr std::size_t kLongestPath = 4096, kLongestPart = 255, kDeepest = 64;

/// "sg00/def.json" of "./sg00//def.json"; an error for a path that leaves the package.
Result<std::string> clean_path(std::string_view path);

/// The promise: every path stands once, and no file is also a directory.
class Paths {
 public:
  Result<> add(const std::string& path);

 private:
  std::unordered_set<std::string> files_, directories_;
};

/// Fails for two paths that a file system which folds case would take for one.
Result<> check_case(const std::vector<std::string>& paths);

}  // namespace neuron::neff
