// SPDX-License-Identifier: Apache-2.0
// The border between C++ and C: the only file with extern "C" bodies. Each turns its arguments into
// views, calls one function and goes through at_the_border().
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/log.h"
#include "nrt/nrt.h"
#include "nrt/nrt_experimental.h"
#include "nrt/nrt_profile.h"
#include "nrt/nrt_version.h"
#include "nrt/profile.h"
#include "nrt/runtime.h"

using namespace neuron;
using nrt::runtime;

namespace {

struct StatusRow {
  NRT_STATUS status;
  const char* name;
  std::initializer_list<Code> codes;
};
const StatusRow kStatuses[] = {
#define NRT_STATUS_ROW(status, ...) {status, #status, {__VA_ARGS__}},
#include "nrt/status.def"
#undef NRT_STATUS_ROW
};

/// BadState is two statuses: before nrt_init and after nrt_close.
NRT_STATUS status_of(Code code) {
  if (code == Code::BadState && runtime().state() == nrt::State::Closed) return NRT_CLOSED;
  for (const StatusRow& row : kStatuses)
    if (std::find(row.codes.begin(), row.codes.end(), code) != row.codes.end()) return row.status;
  return NRT_FAILURE;
}

thread_local Error last{Code::Internal, "no call has failed"};

template <class Body>
NRT_STATUS at_the_border(const char* function, Body body) noexcept {
  try {
    Result<> result = body();
    if (result) return NRT_SUCCESS;
    last = std::move(result).error();
    log::write("NRT", log::Level::Error, function, "{}", last.message);
    return status_of(last.code);
  } catch (const std::bad_alloc&) {
    last = fail(Code::NoResource, "{}: out of memory", function);
    return NRT_RESOURCE;
  } catch (...) {
    last = fail(Code::Internal, "{}: an exception reached the border", function);
    return NRT_FAILURE;
  }
}

template <class T>
Result<> need(const T* argument, const char* name) {
  if (argument) return {};
  return fail(Code::BadUsage, "{} is null", name);
}

nrt::TensorSet* set_of(nrt_tensor_set_t* set) { return static_cast<nrt::TensorSet*>(set); }
const nrt::TensorSet* set_of(const nrt_tensor_set_t* set) {
  return static_cast<const nrt::TensorSet*>(set);
}

/// Copies text into a C array, ended by a zero.
template <std::size_t N>
void put(char (&to)[N], std::string_view text) {
  std::memset(to, 0, N);
  std::memcpy(to, text.data(), std::min(N - 1, text.size()));
}

/// A buffer may be null only when nothing is moved.
Result<> need_buffer(const void* buffer, std::size_t size) {
  if (buffer || size == 0) return {};
  return fail(Code::BadUsage, "buffer is null");
}

Result<> give_count(std::uint32_t* out, Result<std::uint32_t> count) {
  TRY(need(out, "the place for the count"));
  *out = TRY(std::move(count));
  return {};
}

Result<> new_tensor(const char* name, int vnc, std::shared_ptr<nrt::Storage> storage,
                    std::span<std::byte> bytes, nrt_tensor_t** out) {
  TRY(need(out, "tensor"));
  *out = new nrt_tensor{name ? name : "", vnc, std::move(storage), bytes};
  return {};
}

/// The documented numbers are those of instructions; bool and double have none.
nrt_dtype_t dtype_of(DType type) {
  const auto code = static_cast<unsigned>(type);
  return type == DType::Bool        ? NRT_DTYPE_UINT8
         : code <= NRT_DTYPE_FP8_E5 ? static_cast<nrt_dtype_t>(code)
                                    : NRT_DTYPE_UNKNOWN;
}

Result<> fill(nrt_tensor_info_t& out, const nrt::TensorInfo& info) {
  put(out.name, info.name);
  out.usage = info.usage == nrt::Usage::Input ? NRT_TENSOR_USAGE_INPUT : NRT_TENSOR_USAGE_OUTPUT;
  out.size = info.size;
  out.dtype = dtype_of(info.type);
  out.ndim = static_cast<std::uint32_t>(info.shape.size());
  out.shape = static_cast<std::uint32_t*>(std::calloc(info.shape.size() + 1, sizeof *out.shape));
  if (!out.shape) return fail(Code::NoResource, "no memory for a shape");
  for (std::size_t d = 0; d < info.shape.size(); ++d)
    out.shape[d] = static_cast<std::uint32_t>(info.shape[d]);
  return {};
}

}  // namespace

Error neuron::nrt::last_failure() { return last; }

extern "C" {

const char* nrt_get_status_as_str(NRT_STATUS status) {
  for (const StatusRow& row : kStatuses)
    if (row.status == status) return row.name;
  return "UNKNOWN";
}

NRT_STATUS nrt_get_instance_info(nrt_instance_info_t* info, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(info, "info"));
    const auto* box = TRY(host::instance());
    if (!box) box = &host::default_instance(host::Generation::V3);
    nrt_instance_info_t full{};
    full.family = box->family;
    full.size = box->size;
    const std::string_view type = box->type;
    put(full.arch_name, type.substr(0, type.find('.')));
    put(full.device_revision, "sim");
    std::memcpy(info, &full, std::min(size, sizeof full));
    return {};
  });
}

NRT_STATUS nrt_init(nrt_framework_type_t framework, const char*, const char*) {
  return at_the_border(__func__, [&]() -> Result<> {
    if (framework < NRT_FRAMEWORK_TYPE_NO_FW || framework > NRT_FRAMEWORK_TYPE_PRECHECK)
      return fail(Code::BadUsage, "framework is {}, no nrt_framework_type_t",
                  static_cast<int>(framework));
    return runtime().init();
  });
}

void nrt_close(void) {
  at_the_border(__func__, [] { return runtime().close(); });
}

NRT_STATUS nrt_get_total_nc_count(uint32_t* count) {
  return at_the_border(__func__, [&] { return give_count(count, runtime().total_cores()); });
}
NRT_STATUS nrt_get_visible_nc_count(uint32_t* count) {
  return at_the_border(__func__, [&] { return give_count(count, runtime().visible_cores()); });
}
NRT_STATUS nrt_get_total_vnc_count(uint32_t* count) {
  return at_the_border(__func__, [&] { return give_count(count, runtime().total_cores()); });
}
NRT_STATUS nrt_get_visible_vnc_count(uint32_t* count) {
  return at_the_border(__func__, [&] { return give_count(count, runtime().visible_cores()); });
}

NRT_STATUS nrt_load(const void* bytes, size_t size, int32_t vnc, int32_t, nrt_model_t** model) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(bytes, "neff_bytes"));
    TRY(need(model, "model"));
    *model = TRY(runtime().load({static_cast<const std::byte*>(bytes), size}, vnc));
    return {};
  });
}

NRT_STATUS nrt_unload(nrt_model_t* model) {
  return at_the_border(__func__, [&] { return runtime().unload(model); });
}

NRT_STATUS nrt_get_model_nc_count(const nrt_model_t* model, uint32_t* count) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(model, "model"));
    return give_count(count, static_cast<std::uint32_t>(model->stages.size()));
  });
}

NRT_STATUS nrt_get_model_vnc_count(const nrt_model_t* model, uint32_t* count) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(model, "model"));
    return give_count(count, 1u);
  });
}

NRT_STATUS nrt_get_model_instance_count(const nrt_model_t* model, uint32_t* count) {
  return nrt_get_model_vnc_count(model, count);
}

NRT_STATUS nrt_tensor_allocate(nrt_tensor_placement_t placement, int vnc, size_t size,
                               const char* name, nrt_tensor_t** tensor) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    if (placement < NRT_TENSOR_PLACEMENT_DEVICE || placement > NRT_TENSOR_PLACEMENT_VIRTUAL)
      return fail(Code::BadUsage, "placement is {}, no nrt_tensor_placement_t",
                  static_cast<int>(placement));
    auto storage = TRY(nrt::Storage::allocate(size));
    const auto bytes = storage->bytes();
    const int home = placement == NRT_TENSOR_PLACEMENT_DEVICE ? vnc : -1;
    storage = nrt::counted(std::move(storage), runtime().process(), home);
    return new_tensor(name, home, std::move(storage), bytes, tensor);
  });
}

NRT_STATUS nrt_tensor_allocate_empty(const char* name, nrt_tensor_t** tensor) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    return new_tensor(name, -1, nullptr, {}, tensor);
  });
}

NRT_STATUS nrt_tensor_attach_buffer(nrt_tensor_t* tensor, void* buffer, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    TRY(need(buffer, "buffer"));
    tensor->storage = nrt::Storage::around({static_cast<std::byte*>(buffer), size});
    tensor->bytes = tensor->storage->bytes();
    tensor->vnc = -1;
    return {};
  });
}

NRT_STATUS nrt_tensor_allocate_slice(const nrt_tensor_t* source, size_t offset, size_t size,
                                     const char* name, nrt_tensor_t** slice) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(source, "source"));
    auto bytes = TRY(nrt::part_of(*source, offset, size));
    return new_tensor(name, source->vnc, source->storage, bytes, slice);
  });
}

void nrt_tensor_free(nrt_tensor_t** tensor) {
  if (!tensor) return;
  delete *tensor;
  *tensor = nullptr;
}

NRT_STATUS nrt_tensor_read(const nrt_tensor_t* tensor, void* buffer, size_t offset, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    TRY(need_buffer(buffer, size));
    auto bytes = TRY(nrt::part_of(*tensor, offset, size));
    std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(buffer));
    return {};
  });
}

NRT_STATUS nrt_tensor_write(nrt_tensor_t* tensor, const void* buffer, size_t offset, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    TRY(need_buffer(buffer, size));
    auto bytes = TRY(nrt::part_of(*tensor, offset, size));
    std::copy_n(static_cast<const std::byte*>(buffer), size, bytes.begin());
    return {};
  });
}

NRT_STATUS nrt_tensor_copy(const nrt_tensor_t* source, size_t source_offset,
                           nrt_tensor_t* destination, size_t destination_offset, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(source, "source"));
    TRY(need(destination, "destination"));
    auto from = TRY(nrt::part_of(*source, source_offset, size));
    auto to = TRY(nrt::part_of(*destination, destination_offset, size));
    std::memmove(to.data(), from.data(), size);
    return {};
  });
}

NRT_STATUS nrt_tensor_memset(nrt_tensor_t* tensor, uint64_t offset, int value, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    auto bytes = TRY(nrt::part_of(*tensor, offset, size));
    std::fill(bytes.begin(), bytes.end(), static_cast<std::byte>(value));
    return {};
  });
}

size_t nrt_tensor_get_size(const nrt_tensor_t* tensor) { return tensor ? tensor->bytes.size() : 0; }
void* nrt_tensor_get_va(const nrt_tensor_t* tensor) {
  return tensor ? tensor->bytes.data() : nullptr;
}

NRT_STATUS nrt_allocate_tensor_set(nrt_tensor_set_t** set) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(set, "set"));
    *set = new nrt::TensorSet;
    return {};
  });
}

void nrt_destroy_tensor_set(nrt_tensor_set_t** set) {
  if (!set) return;
  delete set_of(*set);
  *set = nullptr;
}

NRT_STATUS nrt_add_tensor_to_tensor_set(nrt_tensor_set_t* set, const char* name,
                                        nrt_tensor_t* tensor) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(set_of(set), "set"));
    TRY(need(name, "name"));
    TRY(need(tensor, "tensor"));
    set_of(set)->tensors.insert_or_assign(name, tensor);
    return {};
  });
}

NRT_STATUS nrt_get_tensor_from_tensor_set(nrt_tensor_set_t* set, const char* name,
                                          nrt_tensor_t** tensor) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(set_of(set), "set"));
    TRY(need(name, "name"));
    TRY(need(tensor, "tensor"));
    nrt_tensor* found = set_of(set)->find(name);
    if (!found) return fail(Code::NotFound, "the set has no tensor {}", name);
    *tensor = found;
    return {};
  });
}

NRT_STATUS nrt_execute(nrt_model_t* model, const nrt_tensor_set_t* inputs,
                       nrt_tensor_set_t* outputs) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(model, "model"));
    TRY(need(set_of(inputs), "inputs"));
    TRY(need(set_of(outputs), "outputs"));
    return runtime().execute(*model, *set_of(inputs), *set_of(outputs));
  });
}

NRT_STATUS nrt_get_model_tensor_info(nrt_model_t* model, nrt_tensor_info_array_t** out) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(model, "model"));
    TRY(need(out, "tensor_info"));
    const std::size_t count = model->tensors.size();
    void* memory =
        std::calloc(1, sizeof(nrt_tensor_info_array_t) + count * sizeof(nrt_tensor_info_t));
    if (!memory) return fail(Code::NoResource, "no memory for {} tensor infos", count);
    auto* array = static_cast<nrt_tensor_info_array_t*>(memory);
    array->tensor_count = count;
    for (std::size_t i = 0; i < count; ++i) {
      if (auto filled = fill(array->tensor_array[i], model->tensors[i]); !filled) {
        nrt_free_model_tensor_info(array);
        return filled;
      }
    }
    *out = array;
    return {};
  });
}

NRT_STATUS nrt_free_model_tensor_info(nrt_tensor_info_array_t* info) {
  if (!info) return NRT_SUCCESS;
  for (std::uint64_t i = 0; i < info->tensor_count; ++i) std::free(info->tensor_array[i].shape);
  std::free(info);
  return NRT_SUCCESS;
}

NRT_STATUS nrt_profile_start(nrt_model_t* model, const char* filename) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(model, "model"));
    TRY(need(filename, "filename"));
    return nrt::start_profile(*model, filename);
  });
}

NRT_STATUS nrt_profile_stop(const char* filename) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(filename, "filename"));
    return nrt::stop_profile(filename);
  });
}

NRT_STATUS nrt_get_version(nrt_version_t* version, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(version, "version"));
    nrt_version_t full{};
    full.rt_major = NRT_MAJOR_VERSION;
    full.rt_minor = NRT_MINOR_VERSION;
    put(full.rt_detail, "neuron simulated runtime");
    std::memcpy(version, &full, std::min(size, sizeof full));
    return {};
  });
}

}  // extern "C"
