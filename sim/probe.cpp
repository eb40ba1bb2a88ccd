// SPDX-License-Identifier: Apache-2.0
#include "sim/probe.h"

#include <cmath>
#include <cstring>
#include <optional>

#include "base/numbers.h"
#include "sim/access.h"
#include "sim/interpreter.h"
#include "sim/watch.h"

namespace neuron::sim {
namespace {

/// Partitions, then the dimensions of the pattern from the outside in, without leading ones.
Tensor tensor_at(const View& v, std::span<const std::byte> memory) {
  Tensor out;
  out.type = v.type;
  out.shape.push_back(v.partitions);
  for (int d = 3; d >= 0; --d)
    if (out.shape.size() > 1 || v.nums[static_cast<std::size_t>(d)] > 1 || d == 0)
      out.shape.push_back(v.nums[static_cast<std::size_t>(d)]);
  out.bytes.reserve(std::size_t{v.partitions} * v.count * v.size);
  for (unsigned p = 0; p < v.partitions; ++p)
    each_run(v, [&](std::uint64_t at, std::uint64_t bytes) {
      const auto run = memory.subspan(at + std::uint64_t{p} * isa::kPartitionStride, bytes);
      out.bytes.insert(out.bytes.end(), run.begin(), run.end());
    });
  return out;
}

Extent extent_of(const View& v) {
  Extent out{v.at >= isa::kPsumBase, v.type, ~0u, v.at % isa::kPsumBase / isa::kPartitionStride,
             v.partitions,           {}};
  each_run(v, [&](std::uint64_t at, std::uint64_t bytes) {
    const auto byte = static_cast<std::uint32_t>(at % isa::kPartitionStride);
    out.first = std::min(out.first, byte);
    if (!out.runs.empty() && out.runs.back().first + out.runs.back().second == byte)
      out.runs.back().second += static_cast<std::uint32_t>(bytes);
    else
      out.runs.emplace_back(byte, bytes);
  });
  return out;
}

Tensor tensor_at(const Side& side, std::span<const std::byte> memory) {
  Tensor out;
  out.type = side.type;
  for (int d = 3; d >= 0; --d)
    if (d == 0 || side.sizes[static_cast<std::size_t>(d)] > 1)
      out.shape.push_back(side.sizes[static_cast<std::size_t>(d)]);
  out.shape.back() /= static_cast<std::int64_t>(size_of(side.type));
  each_run(side, [&](std::uint64_t at, std::uint64_t bytes) {
    const auto run = memory.subspan(at, bytes);
    out.bytes.insert(out.bytes.end(), run.begin(), run.end());
  });
  const auto elements = static_cast<std::int64_t>(out.bytes.size() / size_of(side.type));
  if (count_of(out.shape) != elements) out.shape = {elements};  // rows of parts of elements
  return out;
}

/// What all descriptors of a transfer wrote into one variable: one after the other, where they are
/// alike, else nothing.
std::optional<Tensor> tensor_at(const Transfer& t, std::span<const std::byte> memory) {
  Tensor all = tensor_at(t.descriptors.front().to, memory);
  if (t.descriptors.size() == 1) return all;
  const Shape each = all.shape;
  for (std::size_t i = 1; i < t.descriptors.size(); ++i) {
    const Side& side = t.descriptors[i].to;
    if (side.variable.value != t.descriptors[0].to.variable.value) return {};
    const Tensor next = tensor_at(side, memory);
    if (next.type != all.type || next.shape != each) return {};
    all.bytes.insert(all.bytes.end(), next.bytes.begin(), next.bytes.end());
  }
  all.shape.insert(all.shape.begin(), static_cast<std::int64_t>(t.descriptors.size()));
  return all;
}

class Tracer : public Watcher {
 public:
  explicit Tracer(const std::function<Result<>(const Traced&)>& tell) : tell_(tell) {}

  Result<> after(const Moment& m) override {
    Traced t{m.core, m.engine, m.pc, m.transfer != nullptr, "", "", {}, "", {}};
    m.transfer ? describe_transfer(m, t) : describe_instruction(m, t);
    if (t.value) t.summary = summary_of(*t.value);
    return tell_(t);
  }

 private:
  static void describe_instruction(const Moment& m, Traced& t) {
    const Loaded& loaded = m.machine.loaded();
    const int e = static_cast<int>(m.engine);
    t.text = isa::text_of(loaded.program.streams[e][m.pc]);
    t.text.erase(t.text.find_last_not_of(' ') + 1);
    for (const Access& a : accesses_of(loaded.steps[e][m.pc].op)) {
      if (!a.writes) continue;
      t.value = tensor_at(a.view, m.machine.memory());
      t.place = place_of(a.view.at);
      t.extent = extent_of(a.view);
    }
  }

  static void describe_transfer(const Moment& m, Traced& t) {
    const Program& program = m.machine.loaded().program;
    std::int64_t bytes = 0;
    for (const Descriptor& d : m.transfer->descriptors) bytes += bytes_of(d.to);
    if (m.transfer->descriptors.empty()) {
      t.text = "DMA of nothing";
      return;
    }
    const Descriptor& d = m.transfer->descriptors.front();
    const Variable& to = program.variables[d.to.variable.value];
    t.text = fmt::format("DMA {} bytes {} -> {} on {}", bytes,
                         program.variables[d.from[0].variable.value].name, to.name,
                         program.queues[m.transfer->queue.value].name);
    if (to.storage == Storage::Device) return;
    t.value = tensor_at(*m.transfer, m.machine.variables()[d.to.variable.value]);
    t.place = place_of(static_cast<std::uint64_t>(d.to.offset));
  }

  const std::function<Result<>(const Traced&)>& tell_;
};

}  // namespace

std::string summary_of(const Tensor& value) {
  std::vector<float> numbers(static_cast<std::size_t>(count_of(value.shape)));
  to_floats(value.bytes, value.type, numbers);
  double low = INFINITY, high = -INFINITY, sum = 0;
  std::size_t nans = 0;
  for (const float x : numbers) {
    if (std::isnan(x)) {
      ++nans;
      continue;
    }
    low = std::min(low, double{x});
    high = std::max(high, double{x});
    sum += x;
  }
  std::string out = fmt::format("{} {}", info(value.type).shown, text_of(value.shape));
  if (nans < numbers.size())
    out += fmt::format(" min {:.6g} max {:.6g} mean {:.6g}", low, high,
                       sum / static_cast<double>(numbers.size() - nans));
  if (nans > 0) out += fmt::format(" NaN {}", nans);
  return out;
}

Result<> execute_traced(std::span<const Part> parts,
                        const std::function<Result<>(const Traced&)>& tell) {
  Tracer tracer(tell);
  return execute_watched(parts, &tracer);
}

}  // namespace neuron::sim
