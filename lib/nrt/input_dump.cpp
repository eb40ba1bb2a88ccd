// SPDX-License-Identifier: Apache-2.0
#include "nrt/input_dump.h"

#include <random>

#include "base/file.h"
#include "base/log.h"
#include "nrt/api/border.h"
#include "nrt/settings.h"

namespace neuron::nrt {
namespace {

Result<std::size_t> dump(const nrt_model& model, const TensorSet& inputs,
                         const fs::path& directory) {
  std::error_code status;
  fs::create_directories(directory, status);
  std::size_t count = 0;
  for (const TensorInfo& info : model.tensors) {
    if (info.usage != Usage::Input) continue;
    if (const nrt_tensor* tensor = inputs.find(info.name))
      TRY(write_file(directory / fmt::format("input{}.bin", count), tensor->bytes));
    ++count;
  }
  TRY(write_file(directory / "model_name.txt", view_of(model.name)));
  return count;
}

}  // namespace

void dump_inputs_when_asked(const nrt_model& model, const TensorSet& inputs, const Error& error) {
  const auto wanted = settings::number("NEURON_RT_DBG_DUMP_INPUTS_ON_ERR");
  if (!wanted || *wanted == 0 || *wanted != static_cast<std::uint64_t>(status_of(error))) return;
  const fs::path directory = fmt::format("input_dump_{}_h_nn_{}", std::random_device()(), model.id);
  const auto count = dump(model, inputs, directory);
  if (count)
    log::write("NMGR", log::Level::Error, "dlr_infer",
               "{} input tensors were dumped successfully to directory {}. Model name is {}",
               *count, directory.string(), model.name);
  else
    log::write("NMGR", log::Level::Error, "dlr_infer", "{}", count.error().message);
}

}  // namespace neuron::nrt
