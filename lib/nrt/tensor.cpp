// SPDX-License-Identifier: Apache-2.0
#include "nrt/tensor.h"

namespace neuron::nrt {

Result<std::shared_ptr<Storage>> Storage::allocate(std::size_t size) {
  auto pages = TRY(Pages::map(size));
  return std::shared_ptr<Storage>(new Storage(std::move(pages)));
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

Result<std::shared_ptr<Storage>> Storage::on_device(const SharedBytes& constant, Owner owner) {
  auto charge = TRY(device_memory().charge(constant.size(), std::move(owner)));
  std::shared_ptr<Storage> storage(
      new Storage({const_cast<std::byte*>(constant.data()), constant.size()}));
  storage->constant_ = constant;
  storage->charge_ = std::move(charge);
  storage->is_charged_ = true;
  return storage;  // no range: nobody gets its address
}

std::shared_ptr<Storage> Storage::around(std::span<std::byte> buffer) {
  return std::shared_ptr<Storage>(new Storage(buffer));
}

Storage::~Storage() {
  if (!is_charged_) return;
  if (constant_.empty()) device_memory().remove_range(bytes_.data());
  device_memory().release(charge_);
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
