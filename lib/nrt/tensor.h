// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

/// Tensors and tensor sets behind the C API: storage is shared and counted, so slices may outlive
/// the tensor that they were cut from.
namespace neuron::nrt {

/// Zeroed bytes whose pages appear on touch, or a caller's buffer.
class Storage {
 public:
  /// NoResource when the host has no such memory.
  static Result<std::shared_ptr<Storage>> allocate(std::size_t size);
  static std::shared_ptr<Storage> around(std::span<std::byte> buffer);
  ~Storage();
  Storage(const Storage&) = delete;
  std::span<std::byte> bytes() const { return bytes_; }

 private:
  Storage(std::span<std::byte> bytes, bool owned) : bytes_(bytes), owned_(owned) {}
  std::span<std::byte> bytes_;
  bool owned_;
};

}  // namespace neuron::nrt

/// What the C API calls a tensor; its name is C's.
struct nrt_tensor {
  std::string name;
  int vnc = -1;  ///< logical core that the tensor lives on; -1 for host memory
  std::shared_ptr<neuron::nrt::Storage> storage;
  std::span<std::byte> bytes;  ///< the part of storage that this tensor shows
};

namespace neuron::nrt {

struct TensorSet {
  std::map<std::string, nrt_tensor*, std::less<>> tensors;
  nrt_tensor* find(std::string_view name) const;
};

/// The bytes [offset, offset + size) of a tensor; BadInput when they leave it.
Result<std::span<std::byte>> part_of(const nrt_tensor& tensor, std::uint64_t offset,
                                     std::uint64_t size);

}  // namespace neuron::nrt
