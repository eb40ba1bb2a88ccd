// SPDX-License-Identifier: Apache-2.0
#include "host/ls.h"

#include "tests/catch.h"

using namespace neuron;
using namespace neuron::host;

namespace {

/// The user guide's box: one benchmark holds all cores of all devices.
Snapshot guide_box() {
  Snapshot snapshot;
  snapshot.box.instance = find_instance("trn2n.48xlarge");
  snapshot.box.id = "i-aabbccdd123456789";
  snapshot.box.lnc = 2;
  ProcessView process;
  process.pid = 268911;
  process.command =
      "neuron-bench exec --run-as-cc-neff --warmup none --fixed-instance-count 64 "
      "--enable-only-all";
  process.runtime_version = "2.0.0";
  process.count = 128;
  snapshot.processes.push_back(std::move(process));
  return snapshot;
}

std::string lines(const std::string& text, int from, int to) {
  std::string out;
  std::size_t at = 0;
  for (int i = 0; at < text.size() && i < to; ++i) {
    const std::size_t end = text.find('\n', at) + 1;
    if (i >= from) out += text.substr(at, end - at);
    at = end;
  }
  return out;
}

}  // namespace

TEST_CASE("neuron-ls --wide prints what the user guide shows") {
  // clang-format off
  CHECK(lines(ls_table(guide_box(), LsView::Wide), 0, 8) ==
R"(instance-type: trn2n.48xlarge
instance-id: i-aabbccdd123456789
logical-neuroncore-config: 2
+--------+--------+--------+---------------+---------+--------+----------------------------------------------------------------------------------+---------+
| NEURON | NEURON | NEURON |   CONNECTED   |   PCI   |  PID   |                                     COMMAND                                      | RUNTIME |
| DEVICE | CORES  | MEMORY |    DEVICES    |   BDF   |        |                                                                                  | VERSION |
+--------+--------+--------+---------------+---------+--------+----------------------------------------------------------------------------------+---------+
| 0      | 4      | 96 GB  | 12, 3, 4, 1   | cc:00.0 | 268911 | neuron-bench exec --run-as-cc-neff --warmup none --fixed-instance-count 64 --... | 2.0.0   |
)");
  // clang-format on
}

TEST_CASE("neuron-ls --show-all-procs adds who only looks, and rules between devices") {
  const auto text = ls_table(guide_box(), LsView::All, {{269192, "neuron-ls --show-all-procs"}});
  // clang-format off
  CHECK(lines(text, 3, 12) ==
R"(+--------+--------+--------+---------------+---------+--------+------------------------------------------+---------+
| NEURON | NEURON | NEURON |   CONNECTED   |   PCI   |  PID   |                 COMMAND                  | RUNTIME |
| DEVICE | CORES  | MEMORY |    DEVICES    |   BDF   |        |                                          | VERSION |
+--------+--------+--------+---------------+---------+--------+------------------------------------------+---------+
| 0      | 4      | 96 GB  | 12, 3, 4, 1   | cc:00.0 | 268911 | neuron-bench exec --run-as-cc-neff --... | 2.0.0   |
|        |        |        |               |         | 269192 | neuron-ls --show-all-procs               | NA      |
+--------+--------+--------+---------------+---------+--------+------------------------------------------+---------+
| 1      | 4      | 96 GB  | 13, 0, 5, 2   | b5:00.0 | 268911 | neuron-bench exec --run-as-cc-neff --... | 2.0.0   |
|        |        |        |               |         | 269192 | neuron-ls --show-all-procs               | NA      |
)");
  // clang-format on
  CHECK(lines(text, 7 + 3 * 16 - 1, 1000) == lines(text, 3, 4));
}

TEST_CASE("neuron-ls shows idle devices beside those that are used, and who uses cores of two") {
  Snapshot box = guide_box();
  box.box.instance = find_instance("inf1.6xlarge");
  box.box.lnc = 1;
  box.processes[0].first = 2;
  box.processes[0].count = 4;
  // clang-format off
  CHECK(lines(ls_table(box, LsView::Plain), 2, 1000) ==
R"(+--------+--------+----------+--------+-----------+--------------+--------+----------+------+---------+
| NEURON | NEURON |  NEURON  | NEURON | CONNECTED |     PCI      |  PID   |   CPU    | NUMA | RUNTIME |
| DEVICE | CORES  | CORE IDS | MEMORY |  DEVICES  |     BDF      |        | AFFINITY | NODE | VERSION |
+--------+--------+----------+--------+-----------+--------------+--------+----------+------+---------+
| 0      | 4      | 0-3      | 8 GB   | 1         | 0000:00:1c.0 | 268911 | 0-23     | -1   | 2.0.0   |
| 1      | 4      | 4-7      | 8 GB   | 2, 0      | 0000:00:1d.0 | 268911 | 0-23     | -1   | 2.0.0   |
| 2      | 4      | 8-11     | 8 GB   | 3, 1      | 0000:00:1e.0 | NA     | 0-23     | -1   | NA      |
| 3      | 4      | 12-15    | 8 GB   | 2         | 0000:00:1f.0 | NA     | 0-23     | -1   | NA      |
+--------+--------+----------+--------+-----------+--------------+--------+----------+------+---------+
)");
  // clang-format on
}

TEST_CASE("neuron-ls --json-output names the owners of a device") {
  const Json json = ls_json(guide_box());
  REQUIRE(json.size() == 16);
  CHECK(json[15]["neuroncore_ids"] == Json({60, 61, 62, 63}));
  CHECK(json[15]["memory_size"] == 103079215104);
  CHECK(json[15]["neuron_processes"] ==
        Json::parse(R"([{"pid": 268911, "command": "neuron-bench exec --run-as-cc-neff --...",
                         "neuron_runtime_version": "2.0.0"}])"));
}
