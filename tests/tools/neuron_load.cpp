// SPDX-License-Identifier: Apache-2.0
// neuron-load NEFF GOOD BAD: loads a package through the C API, executes it GOOD times and BAD
// times without its inputs, says so, and keeps its cores until it is killed.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/file.h"
#include "nrt/nrt.h"
#include "nrt/nrt_experimental.h"

namespace {

void check(NRT_STATUS status, const char* what) {
  if (status == NRT_SUCCESS) return;
  std::fprintf(stderr, "%s: %s\n", what, nrt_get_status_as_str(status));
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto neff = neuron::read_file(argv[1]);
  if (!neff) return 1;
  nrt_model_t* model = nullptr;
  nrt_tensor_set_t *inputs = nullptr, *outputs = nullptr, *nothing = nullptr;
  nrt_tensor_info_array_t* infos = nullptr;
  check(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), "nrt_init");
  check(nrt_load(neff->data(), neff->size(), -1, -1, &model), "nrt_load");
  check(nrt_allocate_tensor_set(&inputs), "set");
  check(nrt_allocate_tensor_set(&outputs), "set");
  check(nrt_allocate_tensor_set(&nothing), "set");
  check(nrt_get_model_tensor_info(model, &infos), "info");
  for (std::uint64_t i = 0; i < infos->tensor_count; ++i) {
    const nrt_tensor_info_t& info = infos->tensor_array[i];
    nrt_tensor_t* tensor = nullptr;
    check(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, info.size, info.name, &tensor),
          "tensor");
    nrt_tensor_set_t* set = info.usage == NRT_TENSOR_USAGE_INPUT ? inputs : outputs;
    check(nrt_add_tensor_to_tensor_set(set, info.name, tensor), "add");
  }
  for (int i = 0; i < std::atoi(argv[2]); ++i)
    check(nrt_execute(model, inputs, outputs), "execute");
  for (int i = 0; i < std::atoi(argv[3]); ++i)
    if (nrt_execute(model, nothing, outputs) != NRT_EXEC_BAD_INPUT) return 1;
  std::printf("ready\n");
  std::fflush(stdout);
  for (;;) ::pause();
}
