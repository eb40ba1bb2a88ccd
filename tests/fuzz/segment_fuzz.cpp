// SPDX-License-Identifier: Apache-2.0
// The file of a stored profile: opened, and every question asked of it.
#include <fstream>

#include "view/store.h"
#include "view/store/segment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace neuron;
  static const std::string path =
      (fs::temp_directory_path() / fmt::format("neuron-fuzz-{}.segment", ::getpid())).string();
  {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  auto segment = view::Segment::open(path);
  if (!segment) return 0;
  const view::Profile profile(*std::move(segment));
  (void)profile.query({0, 1'000'000'000, 64}, {});
  (void)profile.query({0, 1'000, 4}, {});
  (void)profile.counter(0, {0, 1'000'000, 16});
  (void)profile.event(0, 0);
  (void)profile.event(1, 7);
  (void)profile.search({{"any", "matmul"}, {"name", "1"}}, 10);
  return 0;
}
