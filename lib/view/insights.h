// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "view/metrics.h"

/// What bounds a run, what each fix would gain, and the events that prove it. Deterministic; rules
/// and bounds are rows of insights.def.
///   for (const Insight& i : insights_of(timeline).list) print(i.title, i.text, i.speedup);
namespace neuron::view {

/// An event that shows what an insight says.
struct Proof {
  const char* kind;         ///< "instruction", "queue" (a packet) or "throttle", as rows are named
  std::uint32_t index = 0;  ///< in its list of the timeline
  std::string label;        ///< "MATMUL on Tensor, pc 12 (I-50-2)"
  std::int64_t begin_ps = 0, end_ps = 0;
};
struct Insight {
  std::string rule, title, text, advice;
  double alone_total_s = 0;  ///< how long the run would take if only this resource got faster
  double fixed_total_s = 0;  ///< and if all else overlapped with what is left: the least possible
  double speedup = 1;        ///< total over that
  std::vector<Proof> proof;
};
struct BoundTime {
  std::string name, meaning;
  double seconds = 0;
};
struct Insights {
  double total_s = 0;
  std::string bound_by;  ///< "Tensor", "DMA", ...: the busiest
  double bound_share = 0;
  std::vector<BoundTime> bounds;
  std::vector<Insight> list;                                   ///< the greatest gain first
  std::vector<std::pair<std::string, std::string>> unchecked;  ///< rule and why
  std::vector<std::pair<std::string, std::string>> zeros;      ///< metric and why it is zero
};
Insights insights_of(const Timeline& timeline);
std::string insights_text(const Insights& insights);
Json insights_json(const Insights& insights);

}  // namespace neuron::view
