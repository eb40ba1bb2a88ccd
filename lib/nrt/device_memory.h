// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"

/// Who uses how much of which HBM. Bytes themselves are the host's; this keeps the accounts, the
/// log of allocations and the reports that a device out of memory gives.
namespace neuron::nrt {

enum class MemoryUse {
#define NRT_MEMORY_USE(name, column) name,
#include "nrt/memory_uses.def"
#undef NRT_MEMORY_USE
  Count
};
constexpr std::size_t kMemoryUses = static_cast<std::size_t>(MemoryUse::Count);

/// What an allocation belongs to.
struct Owner {
  std::uint32_t core = 0;  ///< physical core inside this process
  MemoryUse use = MemoryUse::Tensors;
  std::uint32_t model = 0;  ///< id of a model, 0 for tensors
  std::string name;         ///< for the log
};

/// A physical address, and the account that it is charged to until release().
struct Charge {
  std::uint64_t address = 0, size = 0;
  Owner owner;
};

class DeviceMemory {
 public:
  /// The box: how many cores there are, which share an HBM, and the bytes of each HBM.
  void configure(std::uint32_t cores, std::uint32_t cores_per_hbm, std::uint32_t cores_per_device,
                 std::uint64_t hbm_bytes, std::uint64_t log_entries);
  /// NoResource, after the documented reports, when the HBM has no room.
  Result<Charge> charge(std::uint64_t size, Owner owner);
  void release(const Charge& charge);

  std::uint64_t used_of_hbm(std::uint32_t core) const;
  std::uint64_t used_of_core(std::uint32_t core) const;
  std::uint64_t limit_of_hbm() const { return hbm_bytes_; }
  std::uint32_t hbm_of(std::uint32_t core) const { return core / cores_per_hbm_; }
  std::uint32_t device_of(std::uint32_t core) const { return core / cores_per_device_; }
  std::vector<Charge> charges_of(std::uint32_t core) const;
  /// The table of uses of the HBM of `core`, a line each.
  std::vector<std::string> table_of(std::uint32_t core) const;
  void name_model(std::uint32_t id, const std::string& name);
  void forget_model(std::uint32_t id);

  /// Device storage around an address of the host, for calls that take addresses.
  void add_range(const void* at, std::size_t size);
  void remove_range(const void* at);
  bool holds_range(const void* at, std::size_t size) const;

 private:
  using Uses = std::array<std::uint64_t, kMemoryUses>;
  struct LogEntry {
    std::int64_t time_ns;
    bool is_free;
    Charge charge;
  };
  void log(const Charge& charge, bool is_free);
  void report_failure(std::uint64_t size, const Owner& owner);
  std::vector<std::string> table_locked(std::uint32_t core) const;

  mutable std::mutex guard_;
  std::uint32_t cores_per_hbm_ = 1, cores_per_device_ = 2;
  std::uint64_t hbm_bytes_ = 16ull << 30;
  std::size_t log_entries_ = 1 << 20;
  std::deque<LogEntry> log_;
  std::vector<std::uint64_t> used_, next_address_;  ///< by HBM
  std::map<std::uint64_t, Charge> live_;            ///< by address
  std::map<std::uint32_t, std::string> models_;
  std::map<const char*, std::size_t> ranges_;
};

/// The one of this process.
DeviceMemory& device_memory();

}  // namespace neuron::nrt
