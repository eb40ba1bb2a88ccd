// SPDX-License-Identifier: Apache-2.0
#include "neff/paths.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

namespace neuron::neff {
namespace {

/// A control character in a name would reach terminals and scripts.
std::string shown(std::string_view text) {
  std::string out;
  for (char c : text)
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f
               ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c))
               : std::string(1, c);
  return out;
}

}  // namespace

Result<std::string> clean_path(std::string_view path) {
  const auto refuse = [&](const char* why) {
    return fail(Code::Malformed, "member {} {}", shown(path.substr(0, 200)), why);
  };
  if (path.size() > kLongestPath) return refuse("has a name of more than 4096 bytes");
  if (shown(path) != path) return refuse("has control characters in its name");
  if (path.starts_with('/')) return refuse("has an absolute path, expected one inside the package");
  std::string clean;
  std::size_t parts = 0;
  for (std::size_t at = 0; at < path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    at = end + 1;
    if (part == "..") return refuse("leaves the package");
    if (part.empty() || part == ".") continue;
    if (part.size() > kLongestPart) return refuse("has a part of more than 255 bytes in its name");
    if (++parts > kDeepest) return refuse("lies more than 64 directories deep");
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

Result<> Paths::add(const std::string& path) {
  if (!files_.insert(path).second) return fail(Code::Malformed, "member {} appears twice", path);
  if (directories_.contains(path))
    return fail(Code::Malformed, "member {} is a file and a directory of others", path);
  for (auto at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    std::string directory = path.substr(0, at);
    if (files_.contains(directory))
      return fail(Code::Malformed, "member {} is a file and the directory of {}", directory, path);
    directories_.insert(std::move(directory));
  }
  return {};
}

Result<> check_case(const std::vector<std::string>& paths) {
  std::unordered_map<std::string, const std::string*> folded;
  for (const std::string& path : paths) {
    std::string key = path;
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto [at, fresh] = folded.emplace(std::move(key), &path);
    if (!fresh)
      return fail(Code::Malformed, "members {} and {} differ only in upper and lower case",
                  *at->second, path);
  }
  return {};
}

}  // namespace neuron::neff
