// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/pages.h"
#include "base/result.h"
#include "base/shared_bytes.h"
#include "nrt/device_memory.h"

/// Tensors and tensor sets behind the C API: storage is shared and counted, so slices may outlive
/// the tensor that they were cut from.
namespace neuron::nrt {

/// Zeroed bytes whose pages appear on touch, a caller's buffer, or constants of a package where
/// they lie. Device storage is charged to its core until it goes.
class Storage {
 public:
  /// NoResource when the host has no such memory.
  static Result<std::shared_ptr<Storage>> allocate(std::size_t size);
  static Result<std::shared_ptr<Storage>> on_device(std::size_t size, Owner owner);
  /// Device storage that shows `constant`, which nothing writes to.
  static Result<std::shared_ptr<Storage>> on_device(const SharedBytes& constant, Owner owner);
  static std::shared_ptr<Storage> around(std::span<std::byte> buffer);
  ~Storage();
  Storage(const Storage&) = delete;
  std::span<std::byte> bytes() const { return bytes_; }
  /// What device storage is charged as; null for host memory.
  const Charge* charge() const { return is_charged_ ? &charge_ : nullptr; }

 private:
  explicit Storage(Pages pages) : pages_(std::move(pages)), bytes_(pages_.bytes()) {}
  explicit Storage(std::span<std::byte> bytes) : bytes_(bytes) {}
  Pages pages_;
  SharedBytes constant_;
  std::span<std::byte> bytes_;
  bool is_charged_ = false;
  Charge charge_;
};

}  // namespace neuron::nrt

/// What the C API calls a tensor; its name is C's.
struct nrt_tensor {
  std::string name;
  int vnc = -1;  ///< logical core that the tensor lives on; -1 for host memory
  std::shared_ptr<neuron::nrt::Storage> storage;
  std::span<std::byte> bytes;                 ///< the part of storage that this tensor shows
  std::atomic<std::uint64_t> completions{0};  ///< executions that wrote it
};

namespace neuron::nrt {

/// Tensors under names. Reading while another thread adds is allowed, as the API promises.
class TensorSet {
 public:
  nrt_tensor* find(std::string_view name) const;
  void add(std::string name, nrt_tensor* tensor);
  std::map<std::string, nrt_tensor*, std::less<>> all() const;

 private:
  mutable std::mutex guard_;
  std::map<std::string, nrt_tensor*, std::less<>> tensors_;
};

/// The bytes [offset, offset + size) of a tensor; BadUsage when they leave it.
Result<std::span<std::byte>> part_of(const nrt_tensor& tensor, std::uint64_t offset,
                                     std::uint64_t size);
/// The name for messages.
const char* shown_name(const nrt_tensor& tensor);

}  // namespace neuron::nrt
