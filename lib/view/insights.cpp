// SPDX-License-Identifier: Apache-2.0
#include "view/insights.h"

#include <algorithm>

#include "view/insight_facts.h"

namespace neuron::view {
namespace {

enum class Resource { Dma, Tensor, All };

double ratio(double above, double below) { return below > 0 ? above / below : 0; }
double ratio(std::uint64_t above, double below) { return ratio(static_cast<double>(above), below); }
double ratio(std::uint64_t above, std::uint64_t below) {
  return ratio(static_cast<double>(above), static_cast<double>(below));
}
std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }
std::string shown(double seconds) {
  return seconds >= 1e-3 ? fmt::format("{:.3f} ms", seconds * 1e3)
                         : fmt::format("{:.3f} us", seconds * 1e6);
}
std::string scaled(double value, double step, const char* const (&units)[5]) {
  std::size_t i = 0;
  for (; value >= step && i < 4; ++i) value /= step;
  return i == 0 ? fmt::format("{:.0f}{}", value, units[0])
                : fmt::format("{:.2f}{}", value, units[i]);
}
std::string bytes(std::uint64_t value) {
  return scaled(static_cast<double>(value), 1024, {" B", " KiB", " MiB", " GiB", " TiB"});
}
std::string count(double value) { return scaled(value, 1000, {"", " k", " M", " G", " T"}); }

/// The busiest of what a fix leaves: its resource as fixed, the others as they are.
double after_fix(const MetricInputs& in, Resource fixed, double fixed_s) {
  double busiest = fixed_s;
  if (fixed == Resource::All) return busiest;
  if (fixed != Resource::Dma) busiest = std::max(busiest, in.dma.active_s);
  for (int e = 0; e < isa::kEngines; ++e)
    if (fixed != Resource::Tensor || e != 0) busiest = std::max(busiest, in.engines[e].active_s);
  return busiest;
}

void add(std::vector<Insight>& list, const InsightFacts& f, Resource resource, double fixed_s,
         Insight insight) {
  const double now_s = resource == Resource::Dma      ? f.in.dma.active_s
                       : resource == Resource::Tensor ? f.in.engines[0].active_s
                                                      : f.in.total_s;
  insight.alone_total_s = f.in.total_s - std::clamp(now_s - fixed_s, 0.0, f.in.total_s);
  insight.fixed_total_s = std::min(after_fix(f.in, resource, fixed_s), f.in.total_s);
  insight.speedup =
      insight.fixed_total_s > 0 ? std::max(1.0, f.in.total_s / insight.fixed_total_s) : 1;
  list.push_back(std::move(insight));
}

}  // namespace

Insights insights_of(const Timeline& timeline) {
  const InsightFacts f(timeline);
  const MetricInputs& in = f.in;
  Insights all;
  all.total_s = in.total_s;
  all.bound_by = f.busiest.empty() ? "nothing" : f.busiest;
  all.bound_share = ratio(f.busiest_s, in.total_s);
#define BOUND(resource, name, seconds, meaning) all.bounds.push_back({#name, meaning, seconds});
#define INSIGHT(rule, when, resource, fixed_s, title, text, advice, proof) \
  if (when)                                                                \
    add(all.list, f, Resource::resource, fixed_s, {#rule, title, text, advice, 0, 0, 1, proof});
#define UNCHECKED(rule, why) all.unchecked.emplace_back(#rule, why);
#include "view/insights.def"
#undef BOUND
#undef INSIGHT
#undef UNCHECKED
  std::stable_sort(all.list.begin(), all.list.end(),
                   [](const Insight& a, const Insight& b) { return a.speedup > b.speedup; });
  for (const Metric& metric : metrics_of(in))
    if (!metric.why_zero.empty()) all.zeros.emplace_back(metric.name, metric.why_zero);
  return all;
}

std::string insights_text(const Insights& insights) {
  std::string out = fmt::format("bound by {}: active for {} of {}\n\nbounds\n", insights.bound_by,
                                percent(insights.bound_share), shown(insights.total_s));
  for (const BoundTime& b : insights.bounds)
    out += fmt::format("  {:<33} {:>14}  {}\n", b.name, shown(b.seconds), b.meaning);
  if (insights.list.empty()) out += "\nno rule found anything to fix\n";
  std::size_t number = 0;
  for (const Insight& i : insights.list) {
    out += fmt::format(
        "\n{}. {} ({})\n   {}\n   fix: {}\n   gain: {} instead of {}; with all else overlapped {}, "
        "{:.2f} "
        "times as fast\n",
        ++number, i.title, i.rule, i.text, i.advice, shown(i.alone_total_s),
        shown(insights.total_s), shown(i.fixed_total_s), i.speedup);
    for (const Proof& p : i.proof)
      out += fmt::format("   see: {} at {} ns for {} ns\n", p.label, p.begin_ps / 1000,
                         (p.end_ps - p.begin_ps) / 1000);
  }
  out += "\nnot checked\n";
  for (const auto& [rule, why] : insights.unchecked) out += fmt::format("  {}: {}\n", rule, why);
  if (!insights.zeros.empty()) out += "\nzeros\n";
  for (const auto& [name, why] : insights.zeros) out += fmt::format("  {}: {}\n", name, why);
  return out;
}

Json insights_json(const Insights& insights) {
  const auto named = [](const auto& pairs, const char* key) {
    Json list = Json::array();
    for (const auto& [name, why] : pairs) list.push_back({{key, name}, {"why", why}});
    return list;
  };
  Json bounds = Json::array(), list = Json::array();
  for (const BoundTime& b : insights.bounds)
    bounds.push_back({{"name", b.name}, {"seconds", b.seconds}, {"meaning", b.meaning}});
  for (const Insight& i : insights.list) {
    Json proof = Json::array();
    for (const Proof& p : i.proof)
      proof.push_back({{"kind", p.kind},
                       {"index", p.index},
                       {"label", p.label},
                       {"begin_ps", p.begin_ps},
                       {"end_ps", p.end_ps}});
    list.push_back({{"rule", i.rule},
                    {"title", i.title},
                    {"text", i.text},
                    {"advice", i.advice},
                    {"alone_total_s", i.alone_total_s},
                    {"fixed_total_s", i.fixed_total_s},
                    {"speedup", i.speedup},
                    {"proof", std::move(proof)}});
  }
  return {{"total_s", insights.total_s},
          {"bound_by", insights.bound_by},
          {"bound_share", insights.bound_share},
          {"bounds", std::move(bounds)},
          {"insights", std::move(list)},
          {"unchecked", named(insights.unchecked, "rule")},
          {"zeros", named(insights.zeros, "metric")}};
}

}  // namespace neuron::view
