// SPDX-License-Identifier: Apache-2.0
#include "view/store/series.h"

#include <algorithm>

#include "isa/isa.h"

namespace neuron::view {
namespace {

constexpr std::int64_t kMostSteps = 1 << 20;
constexpr int kFinestShift = 10;                        // about a nanosecond
constexpr double kFlopsPerCycle = 2.0 * 128.0 * 128.0;  // the array multiplies and adds (NKI guide)

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

double utilization_of(const Timeline& timeline, const Instruction& e) {
  const double ns = static_cast<double>(e.end_ps - e.begin_ps) / 1000.0;
  if (e.flops == 0 || timeline.tensor_ghz <= 0 || ns <= 0) return 1;
  const double peak = kFlopsPerCycle * timeline.tensor_ghz * ns;
  return std::min(1.0, static_cast<double>(e.flops) / peak);
}

}  // namespace

std::vector<Counter> counters_of(const Timeline& timeline) {
  const std::int64_t total_ps = std::max<std::int64_t>(timeline.total_ps, 1);
  const int shift = shift_for(total_ps);
  const std::size_t cores = std::max<std::size_t>(timeline.cores.size(), 1);
  std::vector<Integral> pending(cores, {total_ps, shift}), rate = pending, matrix = pending;
  for (const DmaPacket& packet : timeline.packets) {
    if (packet.core >= cores) continue;
    const std::int64_t ps = std::max<std::int64_t>(packet.end_ps - packet.begin_ps, 1);
    pending[packet.core].add(packet.begin_ps, packet.begin_ps + ps, 1);
    rate[packet.core].add(packet.begin_ps, packet.begin_ps + ps,
                          packet.bytes * 1e12 / static_cast<double>(ps));
  }
  for (const Instruction& e : timeline.instructions)
    if (e.core < cores && e.engine == static_cast<std::uint8_t>(isa::Engine::Tensor) &&
        e.opcode == isa::matmul::kOpcode)
      matrix[e.core].add(e.begin_ps, e.end_ps, utilization_of(timeline, e));
  std::vector<Counter> counters;
  for (std::size_t core = 0; core < cores; ++core) {
    const auto add = [&](const char* name, const char* unit, Integral& integral) {
      counters.push_back(
          {name, unit, static_cast<std::uint8_t>(core), shift, std::move(integral).means()});
    };
    add("Pending DMA Count", "count", pending[core]);
    add("DMA Throughput", "bytes/s", rate[core]);
    add("TensorMatrix Utilization", "fraction", matrix[core]);
  }
  return counters;
}

}  // namespace neuron::view
