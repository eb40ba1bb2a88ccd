// SPDX-License-Identifier: Apache-2.0
#include "compile/ops/lowering.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/numbers.h"
#include "compile/operators.h"

namespace neuron::compile {
namespace {

struct LoweringRow {
  const char* op;
  LowerFunction lower;
};
}  // namespace

#define NEURON_LOWERING(op, function) Result<> function(Lowering& in, const Node& node);
#include "compile/ops/lowerings.def"
#undef NEURON_LOWERING

namespace {
constexpr LoweringRow kRows[] = {
#define NEURON_LOWERING(op, function) {op, function},
#include "compile/ops/lowerings.def"
#undef NEURON_LOWERING
};

std::int64_t bytes_of(const Value& v) {
  return count_of(v.shape) * static_cast<std::int64_t>(size_of(v.type));
}
}  // namespace

Error unsupported(const Node& node, const std::string& why, const std::string& nearest) {
  return fail(Code::UnsupportedOperator, "{}: {}; supported is {}", title_of(node), why, nearest);
}

std::int64_t resident_bytes(const isa::Arch& arch) { return arch.sbuf_partition_bytes / 3; }

std::array<std::int64_t, 3> channels_of(const Shape& shape) {
  if (shape.size() < 2) return {1, count_of(shape), 1};
  std::int64_t s = 1;
  for (std::size_t d = 2; d < shape.size(); ++d) s *= shape[d];
  return {shape[0], shape[1], s};
}

Move row_load(Place from, std::int64_t step, std::uint32_t address, int partitions,
              std::int64_t bytes) {
  return {from, {kLocal, address}, bytes, {{partitions, step, isa::kPartitionStride}}};
}
Move row_store(std::uint32_t address, int partitions, std::int64_t bytes, Place to,
               std::int64_t step) {
  return {{kLocal, address}, to, bytes, {{partitions, isa::kPartitionStride, step}}};
}

Lowering::Lowering(const Graph& g, const isa::Arch& arch, const Precision& p, std::uint64_t kept)
    : graph(g), kernel(arch), precision(p), homes_(g.values.size()) {
  keep_room(kept);
  for (ValueId id : graph.inputs) {
    const Value& v = graph.value(id);
    homes_[id.value].device = Place{kernel.variable(
        {v.name, VariableUse::Input, static_cast<std::uint64_t>(bytes_of(v)), 0, {}})};
  }
  find_uses();
  find_targets();
}

void Lowering::find_uses() {
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const auto& input : graph.nodes[n].inputs)
      if (input) homes_[input->value].uses.push_back(n);
  }
  for (ValueId id : graph.outputs) homes_[id.value].uses.push_back(graph.nodes.size());
  for (Home& h : homes_) h.last_use = h.uses.empty() ? 0 : h.uses.back();
}

/// A value that only becomes an output through reshapes is written to the output at once.
void Lowering::find_targets() {
  std::map<std::uint32_t, const Node*> makers;
  for (const Node& n : graph.nodes)
    for (ValueId o : n.outputs) makers[o.value] = &n;
  for (ValueId id : graph.outputs) {
    const Value& v = graph.value(id);
    const VariableId variable = kernel.variable(
        {v.name, VariableUse::Output, static_cast<std::uint64_t>(bytes_of(v)), 0, {}});
    while (makers.count(id.value) && !homes_[id.value].target) {
      homes_[id.value].target = variable;
      if (makers[id.value]->op != "Reshape") break;
      id = *makers[id.value]->inputs[0];
    }
  }
}

Place Lowering::define_device(ValueId id) {
  Home& home = homes_[id.value];
  if (home.target) {
    home.device = Place{*home.target};
    return *home.device;
  }
  const auto bytes = static_cast<std::uint64_t>(bytes_of(graph.value(id)));
  home.scratch = Arena::take(kernel.scratch, bytes);
  if (!home.scratch) {
    kernel.problem = "intermediate values need more than 8 GiB";
    home.scratch = std::make_shared<const Block>(std::make_shared<Arena>(bytes), 0, bytes);
  }
  home.device = Place{kernel.variable({fmt::format("scratch{}", kernel.variables.size()),
                                       VariableUse::Scratch,
                                       bytes,
                                       home.scratch->begin,
                                       {}})};
  return *home.device;
}

Result<Place> Lowering::device(ValueId id) {
  Home& home = homes_[id.value];
  if (home.device) return *home.device;
  const Value& v = graph.value(id);
  if (v.constant) {
    KernelVariable variable{fmt::format("constant{}", kernel.variables.size()),
                            VariableUse::Constant, v.constant->bytes.size(), 0, *v.constant};
    home.device = Place{kernel.variable(std::move(variable))};
    return *home.device;
  }
  if (home.rows) {
    const RowBlocks here = *home.rows;
    kernel.store(moves_of(here, define_device(id), false));
    return *homes_[id.value].device;
  }
  if (!on_chip(id)) return fail(Code::Internal, "value '{}' is used before it is made", v.name);
  const Feature feature = home.feature ? *home.feature : *home.rounded;
  TRY(store(feature, define_device(id)));
  return *homes_[id.value].device;
}

Result<> Lowering::store(const Feature& f, Place to) {
  if (f.type != DType::Float32) return store_rounded(f, to);
  std::vector<Move> moves;
  for (const Piece& p : f.pieces) {
    Place at{to.variable, to.offset + p.first * f.s * kWord};
    moves.push_back(
        {{kLocal, p.address},
         at,
         f.s * kWord,
         {{f.n, f.s * kWord, f.c * f.s * kWord}, {p.count, isa::kPartitionStride, f.s * kWord}}});
  }
  kernel.store(std::move(moves));
  return {};
}

Result<std::optional<Feature>> Lowering::make_feature(const Shape& shape, DType type) {
  const auto [n, c, s] = channels_of(shape);
  const std::int64_t pieces = (c + isa::kPartitions - 1) / isa::kPartitions;
  const auto size = static_cast<std::int64_t>(size_of(type));
  const bool counts = n * s <= std::numeric_limits<std::uint16_t>::max();  // of one instruction
  if (tight.count(node_) || !counts || n * s * pieces * size > resident_bytes(kernel.arch))
    return std::optional<Feature>{};
  Feature f{n, c, s, {}, type};
  for (std::int64_t p = 0; p < pieces; ++p) {
    Piece piece;
    piece.tile = TRY(lasting_tile(n * s * size));
    piece.address = address_of(piece.tile);
    piece.first = p * isa::kPartitions;
    piece.count = static_cast<int>(std::min<std::int64_t>(isa::kPartitions, c - piece.first));
    f.pieces.push_back(std::move(piece));
  }
  return std::optional<Feature>(std::move(f));
}

Result<std::optional<Feature>> Lowering::feature(ValueId id) {
  if (homes_[id.value].feature) return homes_[id.value].feature;
  if (homes_[id.value].rounded) {
    const Feature rounded = *homes_[id.value].rounded;
    homes_[id.value].feature = TRY(converted(rounded, DType::Float32));
    return homes_[id.value].feature;
  }
  const Value& v = graph.value(id);
  if (v.shape.size() < 2 || v.type != DType::Float32) return std::optional<Feature>{};
  const Place from = TRY(device(id));
  auto f = TRY(make_feature(v.shape));
  if (!f) return f;
  std::vector<Move> moves;
  for (const Piece& p : f->pieces)
    moves.push_back({{from.variable, from.offset + p.first * f->s * kWord},
                     {kLocal, p.address},
                     f->s * kWord,
                     {{f->n, f->c * f->s * kWord, f->s * kWord},
                      {p.count, f->s * kWord, isa::kPartitionStride}}});
  kernel.load(std::move(moves));
  homes_[id.value].feature = f;
  return f;
}

void Lowering::define_feature(ValueId id, Feature feature) {
  Home& home = homes_[id.value];
  (feature.type == DType::Float32 ? home.feature : home.rounded) = std::move(feature);
}

Result<> Lowering::alias(ValueId from, ValueId to) {
  const auto a = channels_of(graph.value(from).shape), b = channels_of(graph.value(to).shape);
  const bool same =
      a == b && graph.value(from).shape.size() > 1 && graph.value(to).shape.size() > 1;
  if (const auto& rows = homes_[from.value].rows; rows && !homes_[from.value].device) {
    homes_[to.value].rows = reshaped(*rows, graph.value(from).shape, graph.value(to).shape);
    if (homes_[to.value].rows) return {};
  }
  if (same) homes_[to.value].feature = homes_[from.value].feature;
  if (same) homes_[to.value].rounded = homes_[from.value].rounded;
  if (same && on_chip(from) && !homes_[from.value].device) return {};
  const Place place = TRY(device(from));
  homes_[to.value].device = place;
  homes_[to.value].scratch = homes_[from.value].scratch;
  return {};
}

Place Lowering::scratch(std::int64_t bytes, std::vector<Tile>& hold) {
  const auto size = static_cast<std::uint64_t>(bytes);
  hold.push_back(Arena::take(kernel.scratch, size));
  if (!hold.back()) {
    kernel.problem = "intermediate values need more than 8 GiB";
    return {};
  }
  return {kernel.variable({fmt::format("scratch{}", kernel.variables.size()),
                           VariableUse::Scratch,
                           size,
                           hold.back()->begin,
                           {}})};
}

Result<Tile> Lowering::tile(std::int64_t bytes) {
  for (;;) {
    Tile out = Arena::take(kernel.sbuf, static_cast<std::uint64_t>(bytes));
    if (out) return out;
    if (std::exchange(turned, std::nullopt)) continue;
    if (!TRY(spill()))
      return fail(Code::NoResource, "{} bytes a partition do not fit the {} of SBUF", bytes,
                  kernel.sbuf->capacity());
  }
}

Result<Tile> Lowering::lasting_tile(std::int64_t bytes) {
  Tile out = Arena::take_last(kernel.sbuf, static_cast<std::uint64_t>(bytes));
  if (out) return out;
  return tile(bytes);
}

/// Moves the value that is needed last to HBM; false when no value is left on chip. Values that a
/// lowering holds as well would give no room: they go last.
Result<bool> Lowering::spill() {
  std::optional<std::uint32_t> victim;
  std::pair<bool, std::size_t> farthest{};
  for (std::uint32_t v = 0; v < homes_.size(); ++v) {
    const auto& held = homes_[v].feature ? homes_[v].feature : homes_[v].rounded;
    if (!held && !homes_[v].rows) continue;
    const auto& uses = homes_[v].uses;
    const auto next = std::lower_bound(uses.begin(), uses.end(), node_);
    const Tile& bytes = held ? held->pieces[0].tile : homes_[v].rows->tile;
    const bool alone = bytes.use_count() == 1;
    const std::pair use(alone, next == uses.end() ? graph.nodes.size() + 1 : *next);
    if (!victim || use > farthest) {
      victim = v;
      farthest = use;
    }
  }
  if (!victim) return false;
  TRY(device({*victim}));
  homes_[*victim].feature.reset();
  homes_[*victim].rounded.reset();
  homes_[*victim].rows.reset();
  return true;
}

std::vector<float> Lowering::floats(ValueId id) const {
  const Value& v = graph.value(id);
  if (!v.constant) return {};
  std::vector<float> out(static_cast<std::size_t>(count_of(v.shape)));
  to_floats(v.constant->bytes, v.constant->type, out);
  return out;
}

VariableId Lowering::constant(std::string name, Shape shape, const std::vector<float>& data,
                              DType type) {
  Tensor t{type, std::move(shape), Bytes(data.size() * size_of(type))};
  from_floats(data, type, t.bytes);
  const std::uint64_t bytes = t.bytes.size();
  return kernel.variable({fmt::format("{}{}", name, kernel.variables.size()), VariableUse::Constant,
                          bytes, 0, std::move(t)});
}

Result<> Lowering::one_node(const Node& node) {
  for (const LoweringRow& row : kRows) {
    if (node.op != row.op) continue;
    next_note(node);
    Result<> done = row.lower(*this, node);
    if (!done && done.error().code == Code::NoResource)
      return std::move(done).within(title_of(node));
    TRY(std::move(done));
    if (!kernel.problem.empty())
      return fail(Code::UnsupportedOperator, "{}: {}", title_of(node), kernel.problem);
    return {};
  }
  const Operator* known = find_operator(node.op);
  return fail(Code::UnsupportedOperator, "{}: no lowering for this operator{}{}", title_of(node),
              known ? "; its form is " : "", known ? known->form : "");
}

void Lowering::release() {
  for (Home& h : homes_) {
    if (h.last_use > node_) continue;
    h.feature.reset();
    h.rounded.reset();
    h.rows.reset();
    h.scratch.reset();
  }
}

Result<> Lowering::store_outputs() {
  node_ = graph.nodes.size();
  kernel.begin_note("", "output");
  std::size_t o = 0;
  for (ValueId id : graph.outputs) {
    const VariableId variable{static_cast<std::uint32_t>(1 + graph.inputs.size() + o++)};
    const Place at = TRY(device(id));
    if (at.variable == variable) continue;
    kernel.store({{at, {variable}, bytes_of(graph.value(id)), {}}});
  }
  return {};
}

Result<> Lowering::run() {
  for (node_ = 0; node_ < graph.nodes.size(); ++node_) {
    if (tight.count(node_))
      for (bool more = true; more;) more = TRY(spill());
    TRY(one_node(graph.nodes[node_]));
    release();
  }
  TRY(store_outputs());
  trim_tables();
  return {};
}

}  // namespace neuron::compile
