// SPDX-License-Identifier: Apache-2.0
// Tensors and tensor sets.
#include <chrono>
#include <thread>

#include "nrt/api/border.h"
#include "nrt/counting.h"
#include "nrt/events.h"
#include "nrt/nrt_experimental.h"

using namespace neuron;
using namespace neuron::nrt;

namespace {

constexpr std::size_t kMostOfHost = 4u << 20;

void new_tensor(const char* name, int vnc, std::shared_ptr<Storage> storage,
                std::span<std::byte> bytes, nrt_tensor_t** out) {
  auto* tensor = new nrt_tensor;
  tensor->name = name ? name : "";
  tensor->vnc = vnc;
  tensor->storage = std::move(storage);
  tensor->bytes = bytes;
  *out = tensor;
}

Result<std::shared_ptr<Storage>> storage_for(nrt_tensor_placement_t placement, int vnc,
                                             std::size_t size, const char* name) {
  if (placement != NRT_TENSOR_PLACEMENT_DEVICE) return Storage::allocate(size);
  TRY(runtime().check_core(vnc));
  const auto lnc = TRY(runtime().logical_size());
  auto storage = Storage::on_device(size, {static_cast<std::uint32_t>(vnc) * lnc,
                                           neuron::nrt::MemoryUse::Tensors, 0, name ? name : ""});
  if (storage) return storage;
  log::write("TDRV", log::Level::Error, "tensor_allocate",
             "Failed to allocate {} bytes on DEVICE for tensor {}.", size, name ? name : "UNKNOWN");
  log::write("NRT", log::Level::Error, "nrt_tensor_allocate", "Failed to allocate nrt tensor {}",
             name ? name : "UNNAMED");
  return storage;
}

Result<> allocate(nrt_tensor_placement_t placement, int vnc, std::size_t size, const char* name,
                  nrt_tensor_t** tensor) {
  TRY(runtime().check());
  TRY(need(tensor, "tensor"));
  if (placement < NRT_TENSOR_PLACEMENT_DEVICE || placement > NRT_TENSOR_PLACEMENT_VIRTUAL)
    return fail(Code::BadUsage, "placement is {}, no nrt_tensor_placement_t",
                static_cast<int>(placement));
  if (placement == NRT_TENSOR_PLACEMENT_HOST && size >= kMostOfHost)
    return fail(Code::BadUsage, "{} bytes: memory of the host for devices has less than {}", size,
                kMostOfHost);
  const bool on_device = placement == NRT_TENSOR_PLACEMENT_DEVICE;
  const events::Span span(events::Type::nrt_tensor_allocate,
                          on_device && vnc >= 0 ? static_cast<std::uint32_t>(vnc) : 0, nullptr,
                          size);
  auto storage = TRY(storage_for(placement, vnc, size, name));
  const auto bytes = storage->bytes();
  const int home = on_device ? vnc : -1;
  storage = counted(std::move(storage), runtime().process(), home);
  new_tensor(name, home, std::move(storage), bytes, tensor);
  return {};
}

std::uint32_t core_of(const nrt_tensor_t& tensor) {
  return tensor.vnc < 0 ? 0 : static_cast<std::uint32_t>(tensor.vnc);
}

Result<> read(const nrt_tensor_t* tensor, void* buffer, std::uint64_t offset, std::uint64_t size) {
  TRY(need(tensor, "tensor"));
  TRY(need_buffer(buffer, size));
  const auto bytes = TRY(part_of(*tensor, offset, size));
  const events::Span span(events::Type::nrt_tensor_read, core_of(*tensor), nullptr, size);
  if (size) std::memcpy(buffer, bytes.data(), size);
  return {};
}

Result<> write(const nrt_tensor_t* tensor, const void* buffer, std::uint64_t offset,
               std::uint64_t size) {
  TRY(need(tensor, "tensor"));
  TRY(need_buffer(buffer, size));
  const auto bytes = TRY(part_of(*tensor, offset, size));
  const events::Span span(events::Type::nrt_tensor_write, core_of(*tensor), nullptr, size);
  if (size) std::memcpy(bytes.data(), buffer, size);
  return {};
}

/// Every operation of every batch is checked before the first one moves a byte.
template <class Move>
Result<> for_each(const nrt_tensor_batch_t* batches, std::uint64_t count, Move move) {
  if (count) TRY(need(batches, "batches"));
  for (int pass = 0; pass < 2; ++pass)
    for (std::uint64_t b = 0; b < count; ++b) {
      TRY(need(batches[b].tensor, "tensor"));
      if (batches[b].num_ops) TRY(need(batches[b].ops, "ops"));
      for (std::uint32_t i = 0; i < batches[b].num_ops; ++i) {
        const nrt_tensor_batch_op_t& op = batches[b].ops[i];
        TRY(need_buffer(op.buffer, op.size));
        TRY(part_of(*batches[b].tensor, op.offset, op.size));
        if (pass == 1) TRY(move(batches[b].tensor, op));
      }
    }
  return {};
}

/// Device to device, both must lie in one HBM; host memory goes anywhere.
Result<> check_same_hbm(const nrt_tensor_t& source, const nrt_tensor_t& destination) {
  if (source.vnc < 0 || destination.vnc < 0) return {};
  const auto lnc = TRY(runtime().logical_size());
  const auto hbm = [&](const nrt_tensor_t& t) {
    return device_memory().hbm_of(static_cast<std::uint32_t>(t.vnc) * lnc);
  };
  if (hbm(source) == hbm(destination)) return {};
  return fail(Code::BadUsage, "tensor {} lies on core {}, {} on core {}: not in the same HBM",
              shown_name(source), source.vnc, shown_name(destination), destination.vnc);
}

}  // namespace

extern "C" {

NRT_STATUS nrt_tensor_allocate(nrt_tensor_placement_t placement, int vnc, size_t size,
                               const char* name, nrt_tensor_t** tensor) {
  return at_the_border(__func__, [&] { return allocate(placement, vnc, size, name, tensor); });
}

NRT_STATUS nrt_tensor_allocate_empty(const char* name, nrt_tensor_t** tensor) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(tensor, "tensor"));
    new_tensor(name, -1, nullptr, {}, tensor);
    return {};
  });
}

NRT_STATUS nrt_tensor_attach_buffer(nrt_tensor_t* tensor, void* buffer, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    TRY(need(buffer, "buffer"));
    tensor->storage = Storage::around({static_cast<std::byte*>(buffer), size});
    tensor->bytes = tensor->storage->bytes();
    tensor->vnc = -1;
    return {};
  });
}

NRT_STATUS nrt_tensor_allocate_slice(const nrt_tensor_t* source, size_t offset, size_t size,
                                     const char* name, nrt_tensor_t** slice) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(source, "source"));
    TRY(need(slice, "slice"));
    const auto bytes = TRY(part_of(*source, offset, size));
    new_tensor(name, source->vnc, source->storage, bytes, slice);
    return {};
  });
}

void nrt_tensor_free(nrt_tensor_t** tensor) {
  if (!tensor) return;
  if (*tensor) {
    const events::Span span(events::Type::nrt_tensor_free, core_of(**tensor), nullptr,
                            (*tensor)->bytes.size());
    delete *tensor;
  }
  *tensor = nullptr;
}

NRT_STATUS nrt_tensor_read(const nrt_tensor_t* tensor, void* buffer, size_t offset, size_t size) {
  return at_the_border(__func__, [&] { return read(tensor, buffer, offset, size); });
}
NRT_STATUS nrt_tensor_write(nrt_tensor_t* tensor, const void* buffer, size_t offset, size_t size) {
  return at_the_border(__func__, [&] { return write(tensor, buffer, offset, size); });
}

NRT_STATUS nrt_tensor_read_batch(const nrt_tensor_batch_t* batches, uint64_t count, bool) {
  return at_the_border(__func__, [&] {
    return for_each(batches, count, [](const nrt_tensor_t* t, const nrt_tensor_batch_op_t& op) {
      return read(t, op.buffer, op.offset, op.size);
    });
  });
}
NRT_STATUS nrt_tensor_write_batch(const nrt_tensor_batch_t* batches, uint64_t count, bool) {
  return at_the_border(__func__, [&] {
    return for_each(batches, count, [](const nrt_tensor_t* t, const nrt_tensor_batch_op_t& op) {
      return write(t, op.buffer, op.offset, op.size);
    });
  });
}

NRT_STATUS nrt_tensor_copy(const nrt_tensor_t* source, size_t source_offset,
                           nrt_tensor_t* destination, size_t destination_offset, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(source, "source"));
    TRY(need(destination, "destination"));
    TRY(check_same_hbm(*source, *destination));
    const auto from = TRY(part_of(*source, source_offset, size));
    const auto to = TRY(part_of(*destination, destination_offset, size));
    if (size) std::memmove(to.data(), from.data(), size);
    return {};
  });
}

NRT_STATUS nrt_tensor_memset(nrt_tensor_t* tensor, uint64_t offset, int value, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    const auto bytes = TRY(part_of(*tensor, offset, size));
    std::fill(bytes.begin(), bytes.end(), static_cast<std::byte>(value));
    return {};
  });
}

size_t nrt_tensor_get_size(const nrt_tensor_t* tensor) { return tensor ? tensor->bytes.size() : 0; }
void* nrt_tensor_get_va(const nrt_tensor_t* tensor) {
  return tensor ? tensor->bytes.data() : nullptr;
}

NRT_STATUS nrt_tensor_get_device_allocation_info(const nrt_tensor_t* tensor,
                                                 nrt_tensor_device_allocation_info_t* info) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    TRY(need(info, "alloc_info"));
    const Charge* charge = tensor->storage ? tensor->storage->charge() : nullptr;
    if (!charge)
      return fail(Code::BadUsage, "tensor {} is not in device memory", shown_name(*tensor));
    const auto inside =
        static_cast<std::uint64_t>(tensor->bytes.data() - tensor->storage->bytes().data());
    info->physical_address = charge->address + inside;
    info->size = tensor->bytes.size();
    info->hbm_index = static_cast<int>(device_memory().hbm_of(charge->owner.core));
    return {};
  });
}

NRT_STATUS nrt_tensor_get_lnc_index(const nrt_tensor_t* tensor, int* lnc_idx) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    TRY(need(lnc_idx, "lnc_idx"));
    *lnc_idx = tensor->vnc;
    return {};
  });
}

NRT_STATUS nrt_tensor_check_output_completion(const nrt_tensor_t* tensor, int64_t timeout_us,
                                              uint64_t expected) {
  return at_the_border(__func__, [&]() -> Result<> {
    using namespace std::chrono;
    TRY(need(tensor, "output_tensor"));
    const auto begin = steady_clock::now();
    bool warned = false;
    while (tensor->completions.load(std::memory_order_acquire) < expected) {
      const auto waited = steady_clock::now() - begin;
      if (timeout_us >= 0 && waited >= microseconds(timeout_us))
        return fail(Code::Timeout, "tensor {} was completed {} times, expected {}",
                    shown_name(*tensor), tensor->completions.load(), expected);
      if (!std::exchange(warned, warned || waited > seconds(30)) && waited > seconds(30))
        log::write("NRT", log::Level::Warn, "nrt_tensor_check_output_completion",
                   "tensor {} is not complete after 30 seconds", shown_name(*tensor));
      std::this_thread::sleep_for(microseconds(20));
    }
    return {};
  });
}

NRT_STATUS nrt_tensor_reset_output_completion(nrt_tensor_t* tensor) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tensor, "output_tensor"));
    tensor->completions = 0;
    return {};
  });
}

NRT_STATUS nrt_memcpy_to_device(void* dest_va, const void* source, size_t size) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(dest_va, "dest_va"));
    TRY(need_buffer(source, size));
    if (!device_memory().holds_range(dest_va, size))
      return fail(Code::BadUsage, "{} bytes at {} are no device memory", size, fmt::ptr(dest_va));
    std::memcpy(dest_va, source, size);
    return {};
  });
}

NRT_STATUS nrt_allocate_tensor_set(nrt_tensor_set_t** set) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(set, "set"));
    *set = new TensorSet;
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
    set_of(set)->add(name, tensor);
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

}  // extern "C"
