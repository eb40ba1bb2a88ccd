// SPDX-License-Identifier: Apache-2.0
#include "compile/cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include "tests/catch.h"

using namespace neuron;

namespace {

std::vector<std::string> keys_of(const compile::Cache& cache) {
  std::vector<std::string> keys;
  for (const auto& row : cache.rows()) keys.push_back(row.key);
  return keys;
}

void use_at(const compile::Cache& cache, const std::string& key, std::chrono::milliseconds time) {
  const auto since_1970 = std::chrono::sys_time<std::chrono::nanoseconds>(time);
  fs::last_write_time(cache.folder() / (key + ".entry"),
                      std::chrono::file_clock::from_sys(since_1970));
}

}  // namespace

TEST_CASE("packages of one second are kept in the order of their use") {
  const fs::path folder = fs::temp_directory_path() / fmt::format("cache-{}", getpid());
  const compile::Cache cache(folder, 1 << 20);
  for (const char* key : {"a", "b", "c"}) REQUIRE(cache.keep(key, {key, {}, Bytes(1000)}));
  use_at(cache, "b", std::chrono::milliseconds(5700));
  use_at(cache, "c", std::chrono::milliseconds(5300));
  use_at(cache, "a", std::chrono::milliseconds(5100));
  CHECK(keys_of(cache) == std::vector<std::string>{"b", "c", "a"});
  CHECK(cache.trim(1500) == 2);
  CHECK(keys_of(cache) == std::vector<std::string>{"b"});
  fs::remove_all(folder);
}
