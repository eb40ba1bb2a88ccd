// SPDX-License-Identifier: Apache-2.0
#include "host/sysfs.h"

#include <fstream>

#include "tests/catch.h"

using namespace neuron;
using namespace neuron::host;

namespace {

std::string text_at(const Box& box, const std::string& name) {
  std::ifstream in(box.directory / "neuron_device" / name);
  std::string line;
  return std::getline(in, line) ? line : "missing";
}

}  // namespace

TEST_CASE("the tree has the files of the documented one, with the numbers of now") {
  Box box = REQUIRE_OK(host::box());
  box.instance = find_instance("trn2.48xlarge");
  box.directory = box.directory.parent_path() / "sysfs";
  const std::string core = "neuron1/neuron_core2/stats/";
  {
    auto process = REQUIRE_OK(Process::claim(box, {10, 1, 1, "2.0.0"}));
    process->use(0, DeviceMemory::tensors, 4096);
    process->use(HostMemory::tensors, 17);
    Execution run(*process, 1, 0, 1, 1000);
    run.start(false);
    run.finish(Status::success);
    Execution bad(*process, 1, 0, 1, 1000);
    bad.finish(Status::exec_bad_input);
    auto snapshot = REQUIRE_OK(take_snapshot(box));
    REQUIRE_OK(refresh_tree(snapshot, TreeExtent::Touched));
    CHECK(text_at(box, core + "status/success/total") == "1");
    CHECK(text_at(box, core + "status/exec_bad_input/total") == "1");
    CHECK(text_at(box, core + "status/timeout/total") == "0");
    CHECK(text_at(box, core + "other_info/flop_count/total") == "1000");
    CHECK(text_at(box, core + "memory_usage/device_mem/tensors/total") == "4096");
    CHECK(text_at(box, "neuron1/stats/memory_usage/host_mem/tensors/total") == "17");
    CHECK(text_at(box, "neuron1/connected_devices") == "13, 0, 5, 2");
    CHECK(text_at(box, "neuron1/info/architecture/arch_type") == "NCv3");
    CHECK(text_at(box, "neuron0/core_count") == "missing");
    REQUIRE_OK(refresh_tree(snapshot, TreeExtent::All));
    CHECK(text_at(box, "neuron0/core_count") == "8");
    CHECK(text_at(box, "neuron15/neuron_core7/stats/status/success/total") == "0");
  }
  // The end of the process is in the tree: no memory, but all that it counted.
  CHECK(text_at(box, core + "status/success/total") == "1");
  CHECK(text_at(box, core + "memory_usage/device_mem/tensors/total") == "0");
  CHECK(text_at(box, core + "memory_usage/device_mem/tensors/peak") == "4096");
  CHECK(text_at(box, "neuron1/stats/memory_usage/host_mem/tensors/total") == "0");
}
