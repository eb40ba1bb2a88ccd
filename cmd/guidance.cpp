// SPDX-License-Identifier: Apache-2.0
#include "cmd/guidance.h"

#include <algorithm>
#include <array>

#include "neff/model.h"
#include "neff/neff.h"
#include "nrt/program.h"
#include "sim/sim.h"

namespace neuron::cmd {
namespace {

constexpr const char* kTypes[] = {
#define NEURON_INSTANCE(type, ...) type,
#include "host/instances.def"
#undef NEURON_INSTANCE
};

using Span = std::pair<std::uint64_t, std::uint64_t>;  ///< begin and end in ps

/// How long at least one of the spans goes on.
std::uint64_t covered(std::vector<Span>& spans) {
  std::sort(spans.begin(), spans.end());
  std::uint64_t sum = 0, end = 0;
  for (const auto& [from, to] : spans) {
    sum += to > std::max(from, end) ? to - std::max(from, end) : 0;
    end = std::max(end, to);
  }
  return sum;
}

struct Busy {
  std::array<std::uint64_t, isa::kEngines> engines{};
  std::uint64_t dma = 0, collectives = 0, total = 0, slowest = 0;
  bool is_parametric = false;
};

/// Waiting is no work: only instructions with operands in SBUF or PSUM count.
bool works(const isa::Instruction& instruction) {
  return std::visit(
      [](const auto& op) {
        using Op = std::decay_t<decltype(op)>;
        return requires(const Op& o) { o.dst; }
        || std::is_same_v<Op, isa::ldweights>;
      },
      instruction.op);
}

Result<> add_program(const neff::Model& model, std::size_t subgraph, const sim::Clock& clock,
                     Busy& busy) {
  auto program = TRY(nrt::program_of(model, subgraph));
  const auto loaded = TRY(sim::load(std::move(program)));
  const sim::Schedule schedule = TRY(sim::schedule(*loaded, clock));
  const sim::Program& code = sim::program_of(*loaded);
  busy.is_parametric = isa::arch(code.arch).is_parametric;
  std::array<std::vector<Span>, isa::kEngines> spans;
  for (const sim::InstructionTime& t : schedule.instructions) {
    const auto engine = static_cast<std::size_t>(t.engine);
    if (works(code.streams[engine][t.pc])) spans[engine].emplace_back(t.begin_ps, t.end_ps);
  }
  std::vector<Span> packets, collectives;
  for (const sim::CollectiveSpan& t : schedule.collectives)
    collectives.emplace_back(t.begin_ps, t.end_ps);
  for (const sim::PacketTime& t : schedule.packets) packets.emplace_back(t.begin_ps, t.end_ps);
  for (std::size_t e = 0; e < spans.size(); ++e) busy.engines[e] += covered(spans[e]);
  busy.dma += covered(packets);
  busy.collectives += covered(collectives);
  busy.total += schedule.total_ps;
  busy.slowest = std::max(busy.slowest, schedule.total_ps);
  return {};
}

double picoseconds_to_us(std::uint64_t ps) { return static_cast<double>(ps) / 1e6; }

}  // namespace

Result<Prediction> predict(ByteView neff, const sim::Clock& clock) {
  const auto package = TRY(neff::view(SharedBytes::borrowed(neff)));
  const auto model = TRY(neff::model_of(package));
  Busy busy;
  // The cores of a logical core do the same at the same time.
  const std::size_t beside = std::max(1U, std::uint32_t{package.header.lnc_size});
  for (std::size_t s = 0; s < model.subgraphs.size(); s += beside)
    TRY(add_program(model, s, clock, busy));
  Prediction out;
  out.latency_us = picoseconds_to_us(busy.total);
  out.slowest_us = picoseconds_to_us(busy.slowest);
  out.is_parametric = busy.is_parametric;
  out.parts = static_cast<std::uint32_t>(model.subgraphs.size() / beside);
  const auto add = [&](std::string name, std::uint64_t ps) {
    out.loads.push_back(
        {std::move(name),
         busy.total == 0 ? 0 : static_cast<double>(ps) / static_cast<double>(busy.total)});
  };
  for (std::size_t e = 0; e < isa::kEngines; ++e)
    add(fmt::format("the {} engine", isa::info(static_cast<isa::Engine>(e)).shown),
        busy.engines[e]);
  add("DMA", busy.dma);
  if (busy.collectives > 0) add("collective operations", busy.collectives);
  std::stable_sort(out.loads.begin(), out.loads.end(),
                   [](const Load& a, const Load& b) { return a.share > b.share; });
  return out;
}

std::string bound_text(const Prediction& prediction) {
  const Load& most = prediction.loads.front();
  if (most.share >= 0.5)
    return fmt::format("bound by {}, busy {:.0f} % of the time", most.name, 100 * most.share);
  return fmt::format("bound by waits between engines: the busiest, {}, works {:.0f} % of the time",
                     most.name, 100 * most.share);
}

std::vector<Guidance> guidance_of(const Prediction& prediction, host::Generation generation,
                                  std::uint32_t cores) {
  const double interval = cores > 1 ? prediction.slowest_us : prediction.latency_us;
  std::vector<Guidance> rows;
  for (const char* type : kTypes) {
    const host::Instance* box = host::find_instance(type);
    if (!box || box->generation != generation) continue;
    rows.push_back({box, prediction.latency_us, box->cores() / cores * 1e6 / interval,
                    prediction.is_parametric, bound_text(prediction)});
  }
  return rows;
}

std::string table_of(const std::vector<Guidance>& rows) {
  std::string text = fmt::format("{:<16} {:>5} {:>12} {:>12}  {}\n", "instance", "cores",
                                 "latency, us", "inferences/s", "limit");
  for (const Guidance& row : rows)
    text += fmt::format("{:<16} {:>5} {:>12.1f} {:>12.0f}  {}{}\n", row.instance->type,
                        row.instance->cores(), row.latency_us, row.per_second,
                        row.is_parametric ? "parametric; " : "", row.bound);
  return text;
}

Json json_of(const std::vector<Guidance>& rows) {
  Json out = Json::array();
  for (const Guidance& row : rows)
    out.push_back({{"instance", row.instance->type},
                   {"cores", row.instance->cores()},
                   {"latency_us", row.latency_us},
                   {"per_second", row.per_second},
                   {"parametric", row.is_parametric},
                   {"bound", row.bound}});
  return out;
}

}  // namespace neuron::cmd
