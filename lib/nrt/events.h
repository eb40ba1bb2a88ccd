// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

struct nrt_model;

/// Events of this process for nrt_sys_trace and inspection. Costs one load while nobody records.
///   const events::Span running(events::Type::nc_exec_running, core, &model);
namespace neuron::nrt::events {

enum class Type {
#define NRT_EVENT(name, group) name,
#include "nrt/events.def"
#undef NRT_EVENT
  Count
};
constexpr std::size_t kTypes = static_cast<std::size_t>(Type::Count);
const char* name_of(Type type);
/// One type, or the types of a group; empty when there is no such name.
std::vector<Type> types_named(const std::string& name);
std::vector<std::string> all_names();

/// What is recorded. Cores without a mention are.
struct Config {
  std::uint64_t types = ~std::uint64_t{0};  ///< a bit for each Type
  std::set<std::uint32_t> without_cores;
  std::uint64_t max_per_core = 1'000'000;
};
/// BadUsage when somebody records already.
Result<> start(const Config& config);
Result<> stop();
bool is_recording();

/// Takes events out, oldest first: {"events": [...]}; of one core or of all, at most `most` of
/// each.
Json fetch(std::int64_t core, std::uint64_t most);

extern std::atomic<std::uint64_t> recorded_types;
inline bool is_on(Type type) {
  return recorded_types.load(std::memory_order_relaxed) >> static_cast<unsigned>(type) & 1;
}
void record(Type type, bool is_start, std::uint32_t core, std::uint64_t tracking_id,
            const nrt_model* model, std::uint64_t bytes);
std::uint64_t next_tracking_id();

/// A start now and a stop when it goes.
class Span {
 public:
  Span(Type type, std::uint32_t core, const nrt_model* model = nullptr, std::uint64_t bytes = 0)
      : type_(type), core_(core), model_(model), bytes_(bytes) {
    if (!is_on(type)) return;
    id_ = next_tracking_id();
    record(type_, true, core_, id_, model_, bytes_);
  }
  ~Span() {
    if (id_) record(type_, false, core_, id_, model_, bytes_);
  }
  Span(const Span&) = delete;

 private:
  Type type_;
  std::uint32_t core_;
  const nrt_model* model_;
  std::uint64_t bytes_, id_ = 0;
};

}  // namespace neuron::nrt::events
