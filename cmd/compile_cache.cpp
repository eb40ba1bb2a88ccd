// SPDX-License-Identifier: Apache-2.0
#include "cmd/compile_cache.h"

#include <fmt/chrono.h>

#include "base/json.h"

namespace neuron::cmd {
namespace {

std::string time_text(std::chrono::nanoseconds since_1970) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_1970).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

void print_rows(const compile::Cache& cache, Terminal& io) {
  std::uint64_t bytes = 0;
  const auto rows = cache.rows();
  for (const compile::CacheRow& row : rows) {
    bytes += row.bytes;
    io.out << fmt::format("{}  {:>12}  {}  {}\n", row.key.substr(0, 12), row.bytes,
                          time_text(row.used_at), row.name);
  }
  io.out << fmt::format("{}: {} package{}, {} bytes of at most {}\n", cache.folder().string(),
                        rows.size(), rows.size() == 1 ? "" : "s", bytes, cache.limit());
}

void print_json(const compile::Cache& cache, Terminal& io) {
  Json report{{"folder", cache.folder().string()},
              {"limit_bytes", cache.limit()},
              {"packages", Json::array()}};
  for (const compile::CacheRow& row : cache.rows())
    report["packages"].push_back({{"key", row.key},
                                  {"name", row.name},
                                  {"bytes", row.bytes},
                                  {"used_at", time_text(row.used_at)}});
  io.out << json::text_of(report, 2) << '\n';
}

}  // namespace

Result<> list_operators(const CompileFlags& flags, Terminal& io) {
  const auto names =
      TRY(compile::operators_of_framework(flags.framework.empty() ? "ONNX" : flags.framework));
  if (flags.json) io.out << json::text_of(Json(names), 2) << '\n';
  if (!flags.json)
    for (const std::string& name : names) io.out << name << '\n';
  return {};
}

Result<> tend_cache(const CompileFlags& flags, Terminal& io) {
  const auto cache = TRY(compile::Cache::from_environment());
  if (!cache) {
    io.out << (flags.json ? "{}\n" : "the cache is off\n");
    return {};
  }
  if (flags.clear_cache || !flags.trim_cache.empty()) {
    const auto keep = TRY(compile::bytes_of_size(flags.clear_cache ? "0" : flags.trim_cache));
    const std::size_t removed = cache->trim(keep);
    if (!flags.json)
      io.out << fmt::format("{}: {} package{} removed\n", cache->folder().string(), removed,
                            removed == 1 ? "" : "s");
  }
  if (flags.json)
    print_json(*cache, io);
  else if (flags.show_cache)
    print_rows(*cache, io);
  return {};
}

}  // namespace neuron::cmd
