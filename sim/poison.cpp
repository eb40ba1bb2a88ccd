// SPDX-License-Identifier: Apache-2.0
// A bit for each byte of memory tells whether anything has written it. MATMUL that accumulates
// reads its destination; a predicated copy counts as writing all of it.
#include "sim/poison.h"

#include <algorithm>
#include <map>

#include "sim/access.h"
#include "sim/interpreter.h"
#include "sim/watch.h"

namespace neuron::sim {
namespace {

/// Which of so many bytes were written.
class Shadow {
 public:
  explicit Shadow(std::size_t bytes) : bits_((bytes + 63) / 64) {}

  void write(std::uint64_t at, std::uint64_t bytes) {
    each_word(at, bytes, [&](std::uint64_t& word, std::uint64_t mask) { word |= mask; });
  }
  /// How many of these bytes were never written; `first` becomes the first of them.
  std::uint64_t unwritten(std::uint64_t at, std::uint64_t bytes, std::uint64_t& first) {
    std::uint64_t count = 0, index = at / 64;
    each_word(at, bytes, [&](std::uint64_t& word, std::uint64_t mask) {
      const std::uint64_t missing = mask & ~word;
      if (missing != 0 && count == 0)
        first = index * 64 + static_cast<unsigned>(std::countr_zero(missing));
      count += static_cast<unsigned>(std::popcount(missing));
      ++index;
    });
    return count;
  }

 private:
  template <class Body>
  void each_word(std::uint64_t at, std::uint64_t bytes, Body body) {
    for (const std::uint64_t end = at + bytes; at < end;) {
      const std::uint64_t from = at % 64, count = std::min<std::uint64_t>(64 - from, end - at);
      const std::uint64_t ones = count == 64 ? ~std::uint64_t{} : (std::uint64_t{1} << count) - 1;
      body(bits_[at / 64], ones << from);
      at += count;
    }
  }
  std::vector<std::uint64_t> bits_;
};

class Detector : public Watcher {
 public:
  std::vector<Unwritten> found;

  /// Variables may lie over each other; then one shadow holds them all. Give all memory first.
  void know(std::span<const std::byte> memory) {
    auto begin = reinterpret_cast<std::uintptr_t>(memory.data()), end = begin + memory.size();
    auto at = ends_.upper_bound(begin);  // the first that ends behind our begin
    while (at != ends_.end() && at->second < end) {
      begin = std::min(begin, at->second);
      end = std::max(end, at->first);
      at = ends_.erase(at);
    }
    ends_.emplace(end, begin);
  }
  void start() {
    for (const auto& [end, begin] : ends_) shadows_.emplace(end, Shadow(end - begin));
  }
  void write(std::span<const std::byte> memory) {
    const Place place = place_in(memory.data());
    if (place.shadow) place.shadow->write(place.offset, memory.size());
  }

  void prepared(const Moment& m) override { transfer(m); }
  Result<> before(const Moment& m) override {
    m.transfer ? transfer(m) : instruction(m);
    return {};
  }

 private:
  void instruction(const Moment& m) {
    const Step& step = m.machine.loaded().steps[static_cast<int>(m.engine)][m.pc];
    const Place memory = place_in(m.machine.memory().data());
    for (const Access& a : accesses_of(step.op)) {
      Miss miss;
      for (unsigned p = 0; p < a.view.partitions; ++p)
        each_run(a.view, [&](std::uint64_t at, std::uint64_t bytes) {
          touch(*memory.shadow, memory.offset + at + std::uint64_t{p} * isa::kPartitionStride,
                bytes, a.writes, miss);
        });
      if (miss.bytes > 0) report(m, a.operand, place_of(miss.first - memory.offset), miss.bytes);
    }
  }

  void transfer(const Moment& m) {
    for (const SideAccess& a : accesses_of(*m.transfer)) {
      const Variable& variable = m.machine.loaded().program.variables[a.side->variable.value];
      const Place memory = place_in(m.machine.variables()[a.side->variable.value].data());
      if (!memory.shadow) continue;
      Miss miss;
      each_run(*a.side, [&](std::uint64_t at, std::uint64_t bytes) {
        touch(*memory.shadow, memory.offset + at, bytes, a.writes, miss);
      });
      miss.first -= memory.offset;
      if (miss.bytes > 0)
        report(m, variable.name,
               variable.storage == Storage::Device ? fmt::format("byte 0x{:x}", miss.first)
                                                   : place_of(miss.first),
               miss.bytes);
    }
  }

  struct Miss {
    std::uint64_t first = 0, bytes = 0;
  };
  static void touch(Shadow& shadow, std::uint64_t at, std::uint64_t bytes, bool writes,
                    Miss& miss) {
    if (writes) return shadow.write(at, bytes);
    std::uint64_t first = 0;
    const std::uint64_t count = shadow.unwritten(at, bytes, first);
    if (count > 0 && miss.bytes == 0) miss.first = first;
    miss.bytes += count;
  }

  void report(const Moment& m, const std::string& operand, std::string place, std::uint64_t bytes) {
    const auto [at, is_new] =
        index_.try_emplace({m.core, m.engine, m.pc, m.transfer != nullptr, operand}, found.size());
    if (is_new)
      found.push_back(
          {m.core, m.engine, m.pc, m.transfer != nullptr, operand, std::move(place), 0});
    found[at->second].bytes += bytes;
  }

  struct Place {
    Shadow* shadow = nullptr;
    std::uint64_t offset = 0;
  };
  Place place_in(const std::byte* at) {
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    const auto region = ends_.upper_bound(address);
    if (at == nullptr || region == ends_.end() || region->second > address) return {};
    return {&shadows_.at(region->first), address - region->second};
  }

  std::map<std::uintptr_t, std::uintptr_t> ends_;  ///< end to begin of each region of the host
  std::map<std::uintptr_t, Shadow> shadows_;       ///< by the end of the region
  std::map<std::tuple<std::size_t, isa::Engine, std::uint32_t, bool, std::string>, std::size_t>
      index_;
};

/// SBUF and PSUM as far as the generation has them; the gaps between partitions stay as they are.
void fill(Core& core) {
  const isa::Arch& arch = isa::arch(core.arch());
  const auto memory = core.memory();
  core.hold_for(0);
  for (std::size_t at = 0; at < memory.size(); at += isa::kPartitionStride) {
    const std::size_t bytes =
        at < isa::kPsumBase ? arch.sbuf_partition_bytes : arch.psum_partition_bytes;
    std::ranges::fill(memory.subspan(at, bytes), kPoison);
  }
}

}  // namespace

Result<std::vector<Unwritten>> execute_poisoned(std::span<const Part> parts,
                                                std::span<const std::span<std::byte>> written) {
  Detector detector;
  for (const Part& part : parts) {
    detector.know(part.core->memory());
    for (const auto& bytes : part.variables)
      if (!bytes.empty()) detector.know(bytes);
  }
  detector.start();
  const auto is_written = [&](std::span<std::byte> bytes) {
    return std::ranges::any_of(written,
                               [&](const auto& known) { return known.data() == bytes.data(); });
  };
  for (const Part& part : parts) {
    fill(*part.core);
    for (const auto& bytes : part.variables)
      if (!is_written(bytes)) std::ranges::fill(bytes, kPoison);
  }
  for (const auto& bytes : written) detector.write(bytes);
  TRY(execute_watched(parts, &detector));
  return std::move(detector.found);
}

}  // namespace neuron::sim
