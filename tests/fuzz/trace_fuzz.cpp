// SPDX-License-Identifier: Apache-2.0
// A trace as `profile view` takes it: mapped, imported, measured and written out.
#include <unistd.h>

#include <fstream>

#include "view/formats/json.h"
#include "view/formats/perfetto.h"
#include "view/insights.h"
#include "view/view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace neuron;
  static const fs::path directory = fs::temp_directory_path();
  static const fs::path path = directory / fmt::format("neuron-fuzz-{}.ntff", ::getpid());
  {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  auto trace = ntff::open(path, directory);
  if (!trace) return 0;
  view::ImportOptions options;
  options.show_host = options.show_preamble = size % 2 != 0;
  options.spool = directory;
  const auto timeline = view::import(nullptr, *std::move(trace), options);
  if (!timeline) return 0;
  const view::Sink nowhere = [](ByteView) { return Result<>(); };
  (void)view::metrics_of(*timeline);
  (void)view::insights_of(*timeline);
  (void)view::write_json(*timeline, nowhere);
  (void)view::write_perfetto_with_flows(*timeline, nowhere);
  return 0;
}
