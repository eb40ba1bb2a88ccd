// SPDX-License-Identifier: Apache-2.0
#include "host/top.h"

#include "tests/catch.h"

using namespace neuron;
using namespace neuron::host;

namespace {

/// A box where one process holds the first core of each device and computes half of the time.
Moment moment(const char* type, std::uint64_t seconds) {
  Moment m;
  Snapshot& s = m.snapshot;
  s.box.instance = find_instance(type);
  s.box.id = "i-1";
  s.box.lnc = s.box.instance->generation == Generation::V3 ? 2 : 1;
  s.at_ns = seconds * 1'000'000'000;
  for (std::uint32_t d = 0; d < s.box.instance->devices; ++d) {
    ProcessView p;
    p.pid = 100 + d;
    p.tag = "app" + std::to_string(d);
    p.first = d * s.box.instance->cores_per_device;
    p.count = 1;
    p.cells = std::make_unique<ProcessCells>();
    CoreCells core{};
    core.busy_ns = seconds * 500'000'000;
    core.flop_count = seconds * 2'000'000'000'000;
    core.device[static_cast<int>(DeviceMemory::tensors)].total = 3 << 20;
    p.cores.push_back(core);
    LoadedPart part;
    part.model = 10001;
    part.core = p.first;
    part.name = "net";
    part.memory[DeviceMemory::constants] = 1 << 20;
    p.cores[0].device[static_cast<int>(DeviceMemory::constants)].total = 1 << 20;
    p.parts.push_back(part);
    s.processes.push_back(std::move(p));
  }
  return m;
}

std::vector<std::string> text_of(const std::vector<ScreenLine>& lines) {
  std::vector<std::string> out;
  for (const ScreenLine& line : lines) {
    std::string text;
    for (const Span& span : line) text += span.text;
    out.push_back(text.substr(0, text.find_last_not_of(' ') + 1));
  }
  return out;
}

}  // namespace

TEST_CASE("neuron-top shows the use of cores, memory and applications") {
  const Moment a = moment("trn1.2xlarge", 1), b = moment("trn1.2xlarge", 3);
  const TopView view = top_view({a, b}, "all");
  CHECK(view.average_percent == Approx(50));
  CHECK(view.flops == Approx(2e12));
  TopState state;
  state.version = "0.1.0";
  expand_all(view, state);
  const std::vector<std::string> expected{
      "                 neuron-top 0.1.0 running on i-1 (trn1.2xlarge)",
      " NeuronCore v2 Utilization (Avg: 50.00%)",
      "                   NC0                           NC1",
      " ND0  [|||||||||||||       50.00%]  [                          ]",
      " vCPU Utilization",
      "  System vCPU Usage  [    0.00%, 0.00%]  Runtime vCPU Usage  [    0.00%, 0.00%]",
      " Memory Usage Summary",
      "  Host Used Memory    Total:0B Tensors:0B Constants:0B DMA Buffers:0B App. Memory:0B",
      "  Device Used Memory  Total:4.0MB Tensors:3.0MB Constants:1.0MB Model Code:0B Runtime "
      "Memory:0B Model Scratchpad:0B",
      " Memory Usage Details                    Model ID   Device Memory   Host Memory",
      "  [-] ND 0                                                  4.0MB            0B",
      "    [-] NC 0                                                4.0MB            0B",
      "      [-] net                               10001           1.0MB            0B",
      "            Constants                                       1.0MB            0B",
      "          Tensors                                           3.0MB            0B",
      " Neuron Apps  >[1]:all<  [2]:app0"};
  CHECK(text_of(top_screen(view, state, 80, 0)) == expected);
  const Json json = top_json(view);
  CHECK(json["neuroncores"]["0"]["neuroncore_utilization"] == 50.0);
  CHECK(json["device_used_memory"]["total"] == 4 << 20);
  CHECK(json["memory_usage_details"][0]["children"][0]["children"][0]["model_id"] == 10001);
}

TEST_CASE("the screen has as many lines as the terminal, whatever the instance") {
  for (const char* type : {"trn1.2xlarge", "inf2.48xlarge", "trn2.48xlarge", "u-trn2x64"}) {
    const Moment a = moment(type, 1), b = moment(type, 2);
    for (const std::size_t height : {24, 40, 60, 120})
      for (const std::size_t width : {80, 100, 200, 300}) {
        const TopView view = top_view({a, b}, "all");
        TopState state;
        expand_all(view, state);
        INFO(type << " " << width << "x" << height);
        const auto lines = text_of(top_screen(view, state, width, height));
        CHECK(lines.size() == height);
        // Every device is on the screen.
        std::string all;
        for (const std::string& line : lines) all += line;
        for (std::uint32_t d = 0; d < view.devices; ++d)
          CHECK(all.find(" ND" + std::to_string(d) + " ") != std::string::npos);
      }
  }
}

TEST_CASE("a tab shows one application, and the selection stays on the screen") {
  const Moment a = moment("u-trn2x64", 1), b = moment("u-trn2x64", 2);
  const TopView view = top_view({a, b}, "app5");
  CHECK(view.tab == 6);
  REQUIRE(view.tree.size() == 1);
  CHECK(view.tree[0].label == "ND 5");
  CHECK(view.cores.size() == 1);
  CHECK(view.cores.at(20).physical == std::vector<double>{50, 0});
  CHECK(top_view({a, b}, "nobody").tab == 0);

  const TopView all = top_view({a, b}, "all");
  TopState state;
  expand_all(all, state);
  const auto rows = visible_rows(all, state);
  state.selected = rows.back().path;
  (void)top_screen(all, state, 100, 40);
  CHECK(state.selected == rows.back().path);
  CHECK(state.scroll > 0);
  CHECK(state.scroll < rows.size());
}
