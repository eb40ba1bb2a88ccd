// SPDX-License-Identifier: Apache-2.0
#include "view/store/series.h"

#include <algorithm>

#include "isa/isa.h"
#include "view/metric_inputs.h"
#include "view/occupancy.h"
#include "view/rings.h"

namespace neuron::view {
namespace {

constexpr std::int64_t kMostSteps = 1 << 20;
constexpr int kFinestShift = 10;  // about a nanosecond

int shift_for(std::int64_t total_ps) {
  int shift = kFinestShift;
  while ((total_ps >> shift) >= kMostSteps) ++shift;
  return shift;
}

/// Sums rates over intervals: ends go to their steps, the inside to a list of differences.
class Integral {
 public:
  Integral(std::int64_t total_ps, int shift)
      : shift_(shift),
        total_ps_(total_ps),
        partial_(static_cast<std::size_t>(total_ps >> shift) + 1),
        change_(partial_.size() + 1) {}

  void add(std::int64_t begin_ps, std::int64_t end_ps, double rate) {
    begin_ps = std::clamp<std::int64_t>(begin_ps, 0, total_ps_);
    end_ps = std::clamp<std::int64_t>(end_ps, begin_ps, total_ps_);
    const std::int64_t first = begin_ps >> shift_, last = end_ps >> shift_;
    const auto start_of = [&](std::int64_t step) { return step << shift_; };
    if (first == last) {
      partial_[at(first)] += rate * static_cast<double>(end_ps - begin_ps);
      return;
    }
    partial_[at(first)] += rate * static_cast<double>(start_of(first + 1) - begin_ps);
    partial_[at(last)] += rate * static_cast<double>(end_ps - start_of(last));
    change_[at(first + 1)] += rate;
    change_[at(last)] -= rate;
  }

  std::vector<double> means() && {
    const double width = static_cast<double>(std::int64_t{1} << shift_);
    double inside = 0;
    for (std::size_t i = 0; i < partial_.size(); ++i) {
      inside += change_[i];
      // What is left of a sum after all its parts are taken away is rounding, not activity.
      const double mean = partial_[i] / width + inside;
      partial_[i] = mean > 1e-6 ? mean : 0;
    }
    return std::move(partial_);
  }

 private:
  static std::size_t at(std::int64_t step) { return static_cast<std::size_t>(step); }
  int shift_;
  std::int64_t total_ps_;
  std::vector<double> partial_, change_;
};

double utilization_of(double flops_per_s, const Instruction& e) {
  const double ns = static_cast<double>(e.end_ps - e.begin_ps) / 1000.0;
  if (e->flops == 0 || flops_per_s <= 0 || ns <= 0) return 1;
  return std::min(1.0, static_cast<double>(e->flops) * 1e9 / (flops_per_s * ns));
}

/// What a packet moves from and to HBM, for each byte of it.
class HbmShare {
 public:
  HbmShare(const Timeline& timeline, std::uint8_t core) : timeline_(timeline) {
    double hbm = 0, moved = 0;
    for (const Instruction& e : passing(timeline.instructions))
      if (e->core == core && e->compiler_opcode == isa::pseudo_dma_direct2d::kOpcode)
        hbm += static_cast<double>(e->hbm_read) + static_cast<double>(e->hbm_write);
    for (const DmaPacket& p : passing(timeline.packets))
      if (p.core == core && p.transfer == 0 && !is_static(types_.of(p)))
        moved += static_cast<double>(p.bytes);
    dynamic_ = moved > 0 ? hbm / moved : 0;
  }
  double of(const DmaPacket& packet) const {
    if (packet.transfer == 0) return is_static(types_.of(packet)) ? 0 : dynamic_;
    const DmaTransfer& transfer = timeline_.transfers[packet.transfer - 1];
    if (transfer.bytes == 0) return 0;
    return static_cast<double>(transfer.hbm_bytes) / static_cast<double>(transfer.bytes);
  }

 private:
  const Timeline& timeline_;
  RingTypes types_{timeline_};
  double dynamic_ = 0;
};

using Take = std::function<void(Counter&&)>;

/// Gives away the counters of one core.
class CoreCounters {
 public:
  CoreCounters(const Timeline& timeline, std::uint8_t core, const Take& take)
      : timeline_(timeline),
        core_(core),
        total_ps_(std::max<std::int64_t>(timeline.total_ps, 1)),
        shift_(shift_for(total_ps_)),
        take_(take) {}

  void add_memory(OnChip memory) {
    constexpr const char* kPartitions[] = {"Partition 0", "Partition 32", "Partition 64",
                                           "Partition 96"};
    constexpr const char* kBanks[] = {"Bank 0", "Bank 1", "Bank 2", "Bank 3",
                                      "Bank 4", "Bank 5", "Bank 6", "Bank 7"};
    const Occupancy found = occupancy_of(timeline_, core_, memory);
    add_memory("State Buffer Usage", found.sbuf, kPartitions, timeline_.sbuf_partition_bytes);
    add_memory("PSUM Usage", found.psum, kBanks, isa::kPsumBankBytes);
  }
  void add_packets() {
    Integral pending = integral(), rate = integral(), hbm = integral();
    const HbmShare share(timeline_, core_);
    bool knows_hbm = false;
    for (const DmaPacket& p : passing(timeline_.packets)) {
      if (p.core != core_) continue;
      const std::int64_t ps = std::max<std::int64_t>(p.end_ps - p.begin_ps, 1);
      const double bytes_per_s = p.bytes * 1e12 / static_cast<double>(ps);
      pending.add(p.begin_ps, p.begin_ps + ps, 1);
      rate.add(p.begin_ps, p.begin_ps + ps, bytes_per_s);
      const double part = share.of(p);
      knows_hbm = knows_hbm || part > 0;
      hbm.add(p.begin_ps, p.begin_ps + ps, bytes_per_s * part);
    }
    add("Pending DMA Count", "count", std::move(pending));
    add("DMA Throughput", "bytes/s", std::move(rate));
    if (knows_hbm) add("HBM Throughput", "bytes/s", std::move(hbm));
  }
  void add_matrix() {
    const double peak = core_flops_per_s(timeline_);
    Integral matrix = integral();
    for (const Instruction& e : passing(timeline_.instructions))
      if (e->core == core_ && e->engine == static_cast<std::uint8_t>(isa::Engine::Tensor) &&
          e->opcode == isa::matmul::kOpcode)
        matrix.add(e.begin_ps, e.end_ps, utilization_of(peak, e));
    add("TensorMatrix Utilization", "fraction", std::move(matrix));
  }

 private:
  Integral integral() const { return {total_ps_, shift_}; }
  void add(const char* name, const char* unit, Integral&& integral, const char* of = "") {
    take_({name, unit, of, core_, shift_, std::move(integral).means()});
  }
  /// The mean over partitions or banks, then each of them; nothing where none was ever taken.
  template <std::size_t N>
  void add_memory(const char* name, const std::array<SpoolList<Occupied>, N>& parts,
                  const char* const (&names)[N], std::uint32_t size) {
    if (size == 0 || std::all_of(parts.begin(), parts.end(), [](auto& p) { return p.empty(); }))
      return;
    Integral all = integral();
    for (std::size_t i = 0; i < N; ++i) {
      Integral part = integral();
      for (const Occupied& o : passing(parts[i])) {
        part.add(o.begin_ps, o.end_ps, static_cast<double>(o.bytes) / size);
        all.add(o.begin_ps, o.end_ps, static_cast<double>(o.bytes) / size / N);
      }
      add(names[i], "fraction", std::move(part), name);
    }
    add(name, "fraction", std::move(all));
  }

  const Timeline& timeline_;
  std::uint8_t core_;
  std::int64_t total_ps_;
  int shift_;
  const Take& take_;
};

}  // namespace

void for_each_counter(const Timeline& timeline, CounterGroup group, const Take& take) {
  for (std::size_t core = 0; core < std::max<std::size_t>(timeline.cores.size(), 1); ++core) {
    CoreCounters of_core(timeline, static_cast<std::uint8_t>(core), take);
    if (group == CounterGroup::StateBuffer) of_core.add_memory(OnChip::StateBuffer);
    if (group == CounterGroup::Psum) of_core.add_memory(OnChip::Psum);
    if (group != CounterGroup::Work) continue;
    of_core.add_packets();
    of_core.add_matrix();
  }
}

std::size_t row_of_counter(std::string_view name) {
  constexpr std::string_view kRows[] = {"State Buffer Usage", "PSUM Usage",
                                        "Pending DMA Count",  "DMA Throughput",
                                        "HBM Throughput",     "TensorMatrix Utilization"};
  return static_cast<std::size_t>(std::find(std::begin(kRows), std::end(kRows), name) - kRows);
}

std::vector<Counter> counters_of(const Timeline& timeline) {
  std::vector<Counter> counters;
  const Take keep = [&](Counter&& counter) { counters.push_back(std::move(counter)); };
  for (const CounterGroup group : kCounterGroups) for_each_counter(timeline, group, keep);
  const auto key = [](const Counter& c) {
    return std::tuple(c.core, row_of_counter(*c.of ? c.of : c.name), *c.of != 0);
  };
  std::stable_sort(counters.begin(), counters.end(),
                   [&](const Counter& a, const Counter& b) { return key(a) < key(b); });
  return counters;
}

}  // namespace neuron::view
