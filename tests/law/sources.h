// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.h"

namespace fs = std::filesystem;

/// A file of the tree, by its path from the top.
struct Source {
  std::string path;
  std::vector<std::string> lines;
};

/// All C and C++ sources and tables below `folders`, sorted by path.
inline std::vector<Source> sources(const std::vector<std::string>& folders) {
  const fs::path top = NEURON_SOURCE_DIR;
  std::vector<Source> all;
  for (const std::string& folder : folders)
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      const std::string kind = entry.path().extension().string();
      if (kind != ".h" && kind != ".cpp" && kind != ".c" && kind != ".def") continue;
      Source source{fs::relative(entry.path(), top).string(), {}};
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) source.lines.push_back(line);
      all.push_back(std::move(source));
    }
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.path < b.path; });
  return all;
}

/// Line numbers and header names of its #include lines.
inline std::vector<std::pair<std::size_t, std::string>> includes_of(const Source& source) {
  std::vector<std::pair<std::size_t, std::string>> found;
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const std::string& line = source.lines[i];
    const std::size_t open = line.find_first_of("<\"");
    if (!line.starts_with("#include") || open == line.npos) continue;
    const std::size_t close = line.find_first_of(">\"", open + 1);
    found.emplace_back(i + 1, line.substr(open + 1, close - open - 1));
  }
  return found;
}
