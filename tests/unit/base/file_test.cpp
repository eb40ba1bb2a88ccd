// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/catch.h"
#include "tests/unit/base/smaps.h"

using namespace neuron;

namespace {

/// A file of zeros that takes no room.
class HoledFile {
 public:
  explicit HoledFile(std::uintmax_t size)
      : path_(fs::temp_directory_path() / ("neuron_holes_" + std::to_string(::getpid()))) {
    std::ofstream(path_).put('\0');
    fs::resize_file(path_, size);
  }
  ~HoledFile() { fs::remove(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// KiB of a mapping whose pages this process has.
std::size_t present_kb(const std::byte* begin) {
  const std::string told = mapping_tells(begin, "Rss");
  return told.empty() ? 0 : std::stoul(told);
}

}  // namespace

TEST_CASE("a fetched file comes into memory without being looked at") {
  constexpr std::size_t kSize = std::size_t{8} << 20;
  const HoledFile file(kSize);
  const auto mapped = MappedFile::open(file.path());
  REQUIRE(mapped);
  const std::byte* begin = (*mapped)->bytes().data();
  REQUIRE(present_kb(begin) == 0);
  (*mapped)->fetch();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (present_kb(begin) < kSize / 1024 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(present_kb(begin) == kSize / 1024);
}

TEST_CASE("a mapping may end while it is fetched") {
  const HoledFile file(std::uintmax_t{1} << 30);
  for (int i = 0; i < 20; ++i) {
    const auto mapped = MappedFile::open(file.path());
    REQUIRE(mapped);
    (*mapped)->fetch();
  }
  SUCCEED("its thread touched nothing that was gone");
}
