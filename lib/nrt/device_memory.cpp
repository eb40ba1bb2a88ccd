// SPDX-License-Identifier: Apache-2.0
#include "nrt/device_memory.h"

#include <algorithm>
#include <chrono>

#include "base/file.h"
#include "base/log.h"
#include "nrt/settings.h"

namespace neuron::nrt {
namespace {

constexpr const char* kColumns[] = {
#define NRT_MEMORY_USE(name, column) column,
#include "nrt/memory_uses.def"
#undef NRT_MEMORY_USE
};

std::string size_text(std::uint64_t size) {
  constexpr const char* kUnits[] = {"B", "KB", "MB", "GB"};
  double value = static_cast<double>(size);
  int unit = 0;
  for (; value >= 1024 && unit < 3; ++unit) value /= 1024;
  return fmt::format("{:.3f}{}", value, kUnits[unit]);
}

std::string use_text(MemoryUse use) {
  std::string text = kColumns[static_cast<std::size_t>(use)];
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

template <std::size_t N>
std::string row_text(const std::string& name, const std::array<std::uint64_t, N>& uses) {
  std::uint64_t total = 0;
  for (const std::uint64_t use : uses) total += use;
  std::string line = fmt::format("{:<20} {:>12}", name, size_text(total));
  for (std::size_t i = 0; i < N; ++i)
    line += fmt::format(" {:>{}}", uses[i] ? size_text(uses[i]) : "n/a",
                        std::max<std::size_t>(12, std::string_view(kColumns[i]).size()));
  return line;
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

DeviceMemory& device_memory() {
  static DeviceMemory* const one = new DeviceMemory;  // tensors may be freed at exit
  return *one;
}

void DeviceMemory::configure(std::uint32_t cores, std::uint32_t cores_per_hbm,
                             std::uint32_t cores_per_device, std::uint64_t hbm_bytes,
                             std::uint64_t log_entries) {
  std::lock_guard lock(guard_);
  cores_per_hbm_ = std::max(1u, cores_per_hbm);
  cores_per_device_ = std::max(1u, cores_per_device);
  hbm_bytes_ = hbm_bytes;
  log_entries_ = static_cast<std::size_t>(std::min<std::uint64_t>(log_entries, 1u << 24));
  const std::size_t hbms = cores / cores_per_hbm_ + 1;
  if (used_.size() < hbms) {
    used_.resize(hbms, 0);
    next_address_.resize(hbms, 0);
  }
}

void DeviceMemory::log(const Charge& charge, bool is_free) {
  if (log_entries_ == 0) return;
  if (log_.size() >= log_entries_) log_.pop_front();
  log_.push_back({now_ns(), is_free, charge});
}

Result<Charge> DeviceMemory::charge(std::uint64_t size, Owner owner) {
  std::lock_guard lock(guard_);
  const std::size_t hbm = hbm_of(owner.core);
  if (used_.size() <= hbm) {
    used_.resize(hbm + 1, 0);
    next_address_.resize(hbm + 1, 0);
  }
  if (size > hbm_bytes_ || used_[hbm] > hbm_bytes_ - size) {
    report_failure(size, owner);
    return fail(Code::NoResource,
                "cannot allocate {} for {} on ND {}:NC {}: {} of {} are in use; unload models or "
                "free tensors of this core, or compile for more cores",
                size_text(size), use_text(owner.use), device_of(owner.core),
                owner.core % cores_per_device_, size_text(used_[hbm]), size_text(hbm_bytes_));
  }
  Charge charge{(static_cast<std::uint64_t>(hbm + 1) << 40) + next_address_[hbm], size,
                std::move(owner)};
  // Addresses only grow: a freed one is never given out again while anything may still name it.
  next_address_[hbm] += (std::max<std::uint64_t>(size, 1) + 63) & ~std::uint64_t{63};
  used_[hbm] += size;
  live_.emplace(charge.address, charge);
  log(charge, false);
  return charge;
}

void DeviceMemory::release(const Charge& charge) {
  std::lock_guard lock(guard_);
  if (live_.erase(charge.address) == 0) return;
  used_[hbm_of(charge.owner.core)] -= charge.size;
  log(charge, true);
}

std::uint64_t DeviceMemory::used_of_hbm(std::uint32_t core) const {
  std::lock_guard lock(guard_);
  const std::size_t hbm = hbm_of(core);
  return hbm < used_.size() ? used_[hbm] : 0;
}

std::uint64_t DeviceMemory::used_of_core(std::uint32_t core) const {
  std::uint64_t total = 0;
  for (const Charge& c : charges_of(core)) total += c.size;
  return total;
}

std::vector<Charge> DeviceMemory::charges_of(std::uint32_t core) const {
  std::lock_guard lock(guard_);
  std::vector<Charge> out;
  for (const auto& [address, charge] : live_)
    if (charge.owner.core == core) out.push_back(charge);
  return out;
}

void DeviceMemory::name_model(std::uint32_t id, const std::string& name) {
  std::lock_guard lock(guard_);
  models_[id] = name;
}
void DeviceMemory::forget_model(std::uint32_t id) {
  std::lock_guard lock(guard_);
  models_.erase(id);
}

std::vector<std::string> DeviceMemory::table_of(std::uint32_t core) const {
  std::lock_guard lock(guard_);
  return table_locked(core);
}

std::vector<std::string> DeviceMemory::table_locked(std::uint32_t core) const {
  const std::uint32_t hbm = hbm_of(core), device = device_of(core);
  Uses overall{};
  std::map<std::uint32_t, Uses> cores;
  std::map<std::uint32_t, std::map<std::uint32_t, Uses>> models;
  for (const auto& [address, charge] : live_) {
    const Owner& o = charge.owner;
    if (hbm_of(o.core) != hbm) continue;
    const auto use = static_cast<std::size_t>(o.use);
    overall[use] += charge.size;
    cores[o.core][use] += charge.size;
    if (o.model) models[o.core][o.model][use] += charge.size;
  }
  std::vector<std::string> lines{"Displaying Current Memory Utilization:"};
  std::string head = fmt::format("{:<20} {:>12}", "", "TOTAL");
  for (const char* column : kColumns) head += fmt::format(" {:>12}", column);
  lines.push_back(std::move(head));
  lines.push_back(row_text(fmt::format("ND {} Overall", device), overall));
  for (const auto& [c, uses] : cores) {
    lines.push_back(row_text(fmt::format(" \\_NC {}", c % cores_per_device_), uses));
    for (const auto& [id, model_uses] : models[c])
      lines.push_back(row_text(fmt::format("   \\_NEFF {}", id), model_uses));
  }
  lines.emplace_back("NEFF id to name mapping:");
  for (const auto& [id, name] : models_) lines.push_back(fmt::format("{}: {}", id, name));
  return lines;
}

void DeviceMemory::report_failure(std::uint64_t size, const Owner& owner) {
  using log::Level;
  const std::uint32_t device = device_of(owner.core), hbm = hbm_of(owner.core);
  log::write("TDRV", Level::Error, "log_dev_mem",
             "Failed to allocate {} (alignment: none, usage: {}) on ND {}:NC {}", size_text(size),
             use_text(owner.use), device, owner.core % cores_per_device_);
  const auto enabled = settings::flag("NEURON_RT_ENABLE_DEVICE_MEMORY_OOM_LOG");
  if (log::enabled("TDRV", Level::Error) && enabled && *enabled)
    for (const std::string& line : table_locked(owner.core))
      log::write("TDRV", Level::Error, "log_dev_mem_usage_table", "{}", line);
  if (log_entries_ == 0) return;
  std::string csv = "time_ns,operation,device,nc,hbm,usage,address,bytes,model,name\n";
  for (const LogEntry& e : log_) {
    std::string name = e.charge.owner.name;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ',' || c == '"' || c < ' '; }, '_');
    csv +=
        fmt::format("{},{},{},{},{},{},{:#x},{},{},{}\n", e.time_ns, e.is_free ? "free" : "alloc",
                    device_of(e.charge.owner.core), e.charge.owner.core % cores_per_device_,
                    hbm_of(e.charge.owner.core), use_text(e.charge.owner.use), e.charge.address,
                    e.charge.size, e.charge.owner.model, name);
  }
  const auto seconds = static_cast<std::uint64_t>(now_ns() / 1'000'000'000);
  const fs::path path =
      fmt::format("/tmp/neuron_mem_log_device_{}_hbm_{}_{:x}.csv", device, hbm, seconds);
  if (auto written = write_file(path, view_of(csv)); !written)
    log::write("TDRV", Level::Warn, "dml_dump", "{}", written.error().message);
  else
    log::write("TDRV", Level::Error, "dml_dump", "Wrote nrt memory alloc debug info to {}",
               path.string());
}

void DeviceMemory::add_range(const void* at, std::size_t size) {
  std::lock_guard lock(guard_);
  ranges_[static_cast<const char*>(at)] = size;
}
void DeviceMemory::remove_range(const void* at) {
  std::lock_guard lock(guard_);
  ranges_.erase(static_cast<const char*>(at));
}
bool DeviceMemory::holds_range(const void* at, std::size_t size) const {
  std::lock_guard lock(guard_);
  const char* first = static_cast<const char*>(at);
  auto next = ranges_.upper_bound(first);
  if (next == ranges_.begin()) return false;
  --next;
  const auto inside = static_cast<std::size_t>(first - next->first);
  return inside <= next->second && size <= next->second - inside;
}

}  // namespace neuron::nrt
