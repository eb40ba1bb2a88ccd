// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <fstream>
#include <string>

/// What /proc/self/smaps tells under a name ("Rss", "VmFlags") of the mapping that holds an
/// address; its own line under "". Nothing where there is no such mapping.
inline std::string mapping_tells(const void* address, const std::string& name) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool is_here = false;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t dash = line.find('-');
    const bool begins = dash < line.find(':') && dash < line.find(' ');
    if (begins)
      is_here = std::stoull(line, nullptr, 16) <= at &&
                at < std::stoull(line.substr(dash + 1), nullptr, 16);
    if (is_here && begins && name.empty()) return line;
    if (is_here && !begins && line.starts_with(name + ":")) return line.substr(name.size() + 1);
  }
  return {};
}
