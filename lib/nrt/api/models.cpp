// SPDX-License-Identifier: Apache-2.0
// Models: load, unload, what they take and give, execute.
#include <cstdlib>

#include "nrt/api/border.h"
#include "nrt/collectives/port.h"
#include "nrt/collectives/worlds.h"
#include "nrt/nrt_experimental.h"

using namespace neuron;
using namespace neuron::nrt;

namespace {

Result<> load_model(const void* bytes, size_t size, int32_t vnc, int32_t vnc_count,
                    nrt_model_t** model) {
  TRY(runtime().check());
  TRY(need(bytes, "neff_bytes"));
  TRY(need(model, "model"));
  const auto neff = SharedBytes::borrowed({static_cast<const std::byte*>(bytes), size});
  *model = TRY(runtime().load(neff, vnc, vnc_count));
  return {};
}

Result<> give_of_model(const nrt_model_t* model, std::uint32_t* out,
                       std::size_t (*number)(const nrt_model_t&)) {
  TRY(need_model(model));
  TRY(need(out, "the place for the count"));
  *out = static_cast<std::uint32_t>(number(*model));
  return {};
}

/// The documented numbers are those of instructions; bool and double have none.
std::uint32_t dtype_of(DType type) {
  const auto code = static_cast<unsigned>(type);
  if (type == DType::Bool) return static_cast<std::uint32_t>(DType::UInt8);
  return code <= NRT_DTYPE_FP8_E5 ? code : 0;
}

/// The same types as the older guide numbers them; 0 for those it did not know.
std::uint32_t dtype_of_guide(DType type) {
  constexpr DType kOrder[] = {DType::Unknown, DType::Float32, DType::Float16, DType::BFloat16,
                              DType::Int8,    DType::UInt8,   DType::Int16,   DType::UInt16,
                              DType::Int32,   DType::UInt32,  DType::Int64,   DType::UInt64};
  if (type == DType::Bool) type = DType::UInt8;
  const auto at = std::find(std::begin(kOrder), std::end(kOrder), type);
  return at == std::end(kOrder) ? 0 : static_cast<std::uint32_t>(at - std::begin(kOrder));
}

Result<> fill(nrt_tensor_info_t& out, const TensorInfo& info, std::uint32_t dtype) {
  put(out.name, info.name);
  out.usage = info.usage == Usage::Input ? NRT_TENSOR_USAGE_INPUT : NRT_TENSOR_USAGE_OUTPUT;
  out.size = info.size;
  std::memcpy(&out.dtype, &dtype, sizeof dtype);
  out.ndim = static_cast<std::uint32_t>(info.shape.size());
  out.shape = static_cast<std::uint32_t*>(std::calloc(info.shape.size() + 1, sizeof *out.shape));
  if (!out.shape) return fail(Code::NoResource, "no memory for a shape");
  for (std::size_t d = 0; d < info.shape.size(); ++d)
    out.shape[d] = static_cast<std::uint32_t>(info.shape[d]);
  return {};
}

Result<> give_tensor_info(const nrt_model_t* model, nrt_tensor_info_array_t** out,
                          std::uint32_t (*dtype)(DType)) {
  TRY(need_model(model));
  TRY(need(out, "tensor_info"));
  const std::size_t count = model->tensors.size();
  void* memory =
      std::calloc(1, sizeof(nrt_tensor_info_array_t) + count * sizeof(nrt_tensor_info_t));
  if (!memory) return fail(Code::NoResource, "no memory for {} tensor infos", count);
  auto* array = static_cast<nrt_tensor_info_array_t*>(memory);
  array->tensor_count = count;
  for (std::size_t i = 0; i < count; ++i) {
    const TensorInfo& info = model->tensors[i];
    if (auto filled = fill(array->tensor_array[i], info, dtype(info.type)); !filled) {
      nrt_free_model_tensor_info(array);
      return filled;
    }
  }
  *out = array;
  return {};
}

Result<> need_sets(const nrt_tensor_set_t* inputs, const nrt_tensor_set_t* outputs) {
  TRY(runtime().check());
  TRY(need(set_of(inputs), "inputs"));
  return need(set_of(outputs), "outputs");
}

/// The inputs of the next execution: outputs of the last one take the places of inputs with the
/// same name, else of those at the same place and of the same size.
void feed_back(const nrt_model_t& model, const TensorSet& outputs, TensorSet& inputs) {
  std::vector<const TensorInfo*> in, out;
  for (const TensorInfo& t : model.tensors) (t.usage == Usage::Input ? in : out).push_back(&t);
  for (std::size_t o = 0; o < out.size(); ++o) {
    nrt_tensor* written = outputs.find(out[o]->name);
    const auto same = std::find_if(in.begin(), in.end(),
                                   [&](const TensorInfo* t) { return t->name == out[o]->name; });
    const TensorInfo* to = same != in.end()                               ? *same
                           : o < in.size() && in[o]->size == out[o]->size ? in[o]
                                                                          : nullptr;
    nrt_tensor* from = to ? inputs.find(to->name) : nullptr;
    // A copy, because an execution may not read what it writes.
    if (from && written && from != written)
      std::copy_n(written->bytes.begin(), std::min(from->bytes.size(), written->bytes.size()),
                  from->bytes.begin());
  }
}

/// Fresh tensors that hold what a caller's set does.
struct Copies {
  TensorSet set;
  std::vector<std::unique_ptr<nrt_tensor>> tensors;
  static Result<std::unique_ptr<Copies>> of(const TensorSet& from) {
    auto copies = std::make_unique<Copies>();
    for (const auto& [name, tensor] : from.all()) {
      auto copy = std::make_unique<nrt_tensor>();
      copy->storage = TRY(Storage::allocate(tensor->bytes.size()));
      copy->bytes = copy->storage->bytes();
      std::copy(tensor->bytes.begin(), tensor->bytes.end(), copy->bytes.begin());
      copies->set.add(name, copy.get());
      copies->tensors.push_back(std::move(copy));
    }
    return copies;
  }
};

}  // namespace

extern "C" {

NRT_STATUS nrt_load(const void* bytes, size_t size, int32_t vnc, int32_t vnc_count,
                    nrt_model_t** model) {
  return at_the_border(__func__, [&] { return load_model(bytes, size, vnc, vnc_count, model); });
}

NRT_STATUS nrt_load_collectives(const void* bytes, size_t size, int32_t vnc, int32_t vnc_count,
                                uint32_t ctx_device_id, uint32_t ctx_device_count,
                                nrt_model_t** model) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    if (ctx_device_id >= std::max(1u, ctx_device_count))
      return fail(Code::BadUsage, "ctx_device_id is {}, the world has {}", ctx_device_id,
                  ctx_device_count);
    TRY(load_model(bytes, size, vnc, vnc_count, model));
    auto joined = cc::join(static_cast<std::uint32_t>((*model)->vnc), ctx_device_id,
                           std::max(1u, ctx_device_count));
    if (joined) {
      (*model)->port = std::make_shared<cc::Port>(*std::move(joined));
      return {};
    }
    TRY(runtime().unload(std::exchange(*model, nullptr)));
    return std::move(joined).error();
  });
}

NRT_STATUS nrt_unload(nrt_model_t* model) {
  return at_the_border(__func__, [&] { return runtime().unload(model); });
}

NRT_STATUS nrt_get_model_nc_count(const nrt_model_t* model, uint32_t* count) {
  return at_the_border(__func__, [&] {
    return give_of_model(model, count, [](const nrt_model_t& m) { return m.stages.size(); });
  });
}
NRT_STATUS nrt_get_model_vnc_count(const nrt_model_t* model, uint32_t* count) {
  return at_the_border(__func__, [&] {
    return give_of_model(model, count,
                         [](const nrt_model_t& m) -> std::size_t { return m.logical_cores(); });
  });
}
NRT_STATUS nrt_get_model_instance_count(const nrt_model_t* model, uint32_t* count) {
  return at_the_border(__func__, [&] {
    return give_of_model(model, count, [](const nrt_model_t& m) { return m.placements.size(); });
  });
}

NRT_STATUS nrt_get_model_info(const nrt_model_t* model, nrt_model_info_t* info, size_t size_in,
                              size_t* size_out) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need_model(model));
    nrt_model_info_t full{};
    full.vnc = static_cast<std::uint32_t>(model->vnc);
    return give(info, size_in, size_out, full);
  });
}

NRT_STATUS nrt_get_model_tensor_info(nrt_model_t* model, nrt_tensor_info_array_t** out) {
  return at_the_border(__func__, [&] { return give_tensor_info(model, out, dtype_of); });
}
NRT_STATUS nrt_get_model_tensor_info_guide(nrt_model_t* model, nrt_tensor_info_array_t** out) {
  return at_the_border("nrt_get_model_tensor_info",
                       [&] { return give_tensor_info(model, out, dtype_of_guide); });
}

NRT_STATUS nrt_free_model_tensor_info(nrt_tensor_info_array_t* info) {
  if (!info) return NRT_SUCCESS;
  for (std::uint64_t i = 0; i < info->tensor_count; ++i) std::free(info->tensor_array[i].shape);
  std::free(info);
  return NRT_SUCCESS;
}

NRT_STATUS nrt_execute(nrt_model_t* model, const nrt_tensor_set_t* inputs,
                       nrt_tensor_set_t* outputs) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need_sets(inputs, outputs));
    return runtime().execute(model, *set_of(inputs), *set_of(outputs));
  });
}

NRT_STATUS nrt_execute_repeat(nrt_model_t* model, const nrt_tensor_set_t* inputs,
                              nrt_tensor_set_t* outputs, int repeat_count) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need_sets(inputs, outputs));
    TRY(need_model(model));
    if (repeat_count < 1) return fail(Code::BadUsage, "repeat_count is {}", repeat_count);
    TRY(runtime().execute(model, *set_of(inputs), *set_of(outputs)));
    if (repeat_count == 1) return {};
    const auto copies = TRY(Copies::of(*set_of(inputs)));  // the caller's inputs stay
    for (int i = 1; i < repeat_count; ++i) {
      feed_back(*model, *set_of(outputs), copies->set);
      TRY(runtime().execute(model, copies->set, *set_of(outputs)));
    }
    return {};
  });
}

}  // extern "C"
