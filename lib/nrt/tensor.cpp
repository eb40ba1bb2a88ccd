// SPDX-License-Identifier: Apache-2.0
#include "nrt/tensor.h"

#include <sys/mman.h>

namespace neuron::nrt {

Result<std::shared_ptr<Storage>> Storage::allocate(std::size_t size) {
  // At least one byte, so that a tensor of size 0 has an address too.
  const std::size_t length = size == 0 ? 1 : size;
  void* at = ::mmap(nullptr, length, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return fail(Code::NoResource, "cannot map {} bytes of memory", size);
  return std::shared_ptr<Storage>(new Storage({static_cast<std::byte*>(at), size}, true));
}

std::shared_ptr<Storage> Storage::around(std::span<std::byte> buffer) {
  return std::shared_ptr<Storage>(new Storage(buffer, false));
}

Storage::~Storage() {
  if (owned_) ::munmap(bytes_.data(), bytes_.empty() ? 1 : bytes_.size());
}

nrt_tensor* TensorSet::find(std::string_view name) const {
  const auto at = tensors.find(name);
  return at == tensors.end() ? nullptr : at->second;
}

Result<std::span<std::byte>> part_of(const nrt_tensor& tensor, std::uint64_t offset,
                                     std::uint64_t size) {
  if (offset > tensor.bytes.size() || size > tensor.bytes.size() - offset)
    return fail(Code::BadUsage, "tensor {}: bytes {} to {} are outside its {} bytes",
                tensor.name.empty() ? "UNNAMED" : tensor.name, offset, offset + size,
                tensor.bytes.size());
  return tensor.bytes.subspan(offset, size);
}

}  // namespace neuron::nrt
