// SPDX-License-Identifier: Apache-2.0
#include "nrt/tensor.h"

#include <sys/mman.h>

namespace neuron::nrt {
namespace {
constexpr std::size_t kHugePage = 2u << 20;
}

Result<std::shared_ptr<Storage>> Storage::allocate(std::size_t size) {
  // At least one byte, so that a tensor of size 0 has an address too.
  const std::size_t length = size == 0 ? 1 : size;
  void* at = ::mmap(nullptr, length, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return fail(Code::NoResource, "cannot map {} bytes of memory", size);
  if (length >= 2 * kHugePage) ::madvise(at, length, MADV_HUGEPAGE);
  return std::shared_ptr<Storage>(new Storage({static_cast<std::byte*>(at), size}, true));
}

Result<std::shared_ptr<Storage>> Storage::on_device(std::size_t size, Owner owner) {
  auto charge = TRY(device_memory().charge(size, std::move(owner)));
  auto storage = allocate(size);
  if (!storage) {
    device_memory().release(charge);
    return storage;
  }
  (*storage)->charge_ = std::move(charge);
  (*storage)->is_charged_ = true;
  device_memory().add_range((*storage)->bytes_.data(), size);
  return storage;
}

std::shared_ptr<Storage> Storage::around(std::span<std::byte> buffer) {
  return std::shared_ptr<Storage>(new Storage(buffer, false));
}

Storage::~Storage() {
  if (is_charged_) {
    device_memory().remove_range(bytes_.data());
    device_memory().release(charge_);
  }
  if (owned_) ::munmap(bytes_.data(), bytes_.empty() ? 1 : bytes_.size());
}

nrt_tensor* TensorSet::find(std::string_view name) const {
  std::lock_guard lock(guard_);
  const auto at = tensors_.find(name);
  return at == tensors_.end() ? nullptr : at->second;
}

void TensorSet::add(std::string name, nrt_tensor* tensor) {
  std::lock_guard lock(guard_);
  tensors_.insert_or_assign(std::move(name), tensor);
}

std::map<std::string, nrt_tensor*, std::less<>> TensorSet::all() const {
  std::lock_guard lock(guard_);
  return tensors_;
}

const char* shown_name(const nrt_tensor& tensor) {
  return tensor.name.empty() ? "UNNAMED" : tensor.name.c_str();
}

Result<std::span<std::byte>> part_of(const nrt_tensor& tensor, std::uint64_t offset,
                                     std::uint64_t size) {
  if (offset > tensor.bytes.size() || size > tensor.bytes.size() - offset)
    return fail(Code::BadUsage, "tensor {}: {} bytes at {} are outside its {} bytes",
                shown_name(tensor), size, offset, tensor.bytes.size());
  return tensor.bytes.subspan(offset, size);
}

}  // namespace neuron::nrt
