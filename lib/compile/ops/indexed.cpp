// SPDX-License-Identifier: Apache-2.0
// Elements by indices that are only known at run time, and orders: the axis lies in partitions, all
// other axes go over partitions, and GpSimd picks, places or sorts.
#include <algorithm>

#include "compile/ops/wide.h"

namespace neuron::compile {
namespace {

using isa::Wide;

constexpr std::int64_t kMost = 16 * 1024;  ///< elements of the axis, and indices, at a time

/// [outer, axis, inner] of a shape.
struct Around {
  std::int64_t outer = 1, inner = 1;
};
Around around(const Shape& shape, std::size_t axis) {
  Around a;
  for (std::size_t d = 0; d < shape.size(); ++d)
    if (d != axis) (d < axis ? a.outer : a.inner) *= shape[d];
  return a;
}

/// Rows on partitions: outer rows [outer, outer + outers) of inner columns [inner, inner + inners).
struct Rows {
  std::int64_t outer, outers, inner, inners;
  int partitions() const { return static_cast<int>(outers * inners); }
};
std::vector<Rows> blocks_of(const Around& a) {
  std::vector<Rows> out;
  const std::int64_t inners = std::min<std::int64_t>(a.inner, isa::kPartitions);
  const std::int64_t outers =
      std::max<std::int64_t>(1, isa::kPartitions / std::max<std::int64_t>(1, inners));
  for (std::int64_t o = 0; o < a.outer; o += outers)
    for (std::int64_t i = 0; i < a.inner; i += inners)
      out.push_back({o, std::min(outers, a.outer - o), i, std::min(inners, a.inner - i)});
  return out;
}

/// A value in HBM seen as [outer, length, inner]; `shared`: [length], the same for all.
struct Axis {
  Place place;
  DType type;
  std::int64_t length, inner;
  bool shared = false;
  std::int64_t size() const { return static_cast<std::int64_t>(size_of(type)); }
};

/// Elements [from, from + count) of the axis for a block, to or from `address`.
Move move_of(const Axis& a, const Rows& b, std::int64_t from, std::int64_t count,
             std::uint32_t address) {
  const std::int64_t s = a.size(), step = a.shared ? s : a.inner * s;
  Place at = a.place;
  at.offset += a.shared ? from * s : ((b.outer * a.length + from) * a.inner + b.inner) * s;
  Move m{at, {kLocal, address}, s, {}};
  if (step == s)
    m.run = count * s;
  else
    m.loops.push_back({count, step, s});
  m.loops.push_back({b.inners, a.shared ? 0 : s, isa::kPartitionStride});
  m.loops.push_back(
      {b.outers, a.shared ? 0 : a.length * a.inner * s, b.inners * isa::kPartitionStride});
  return m;
}
Move reversed(Move m) {
  std::swap(m.from, m.to);
  for (Loop& l : m.loops) std::swap(l.from, l.to);
  return m;
}

View row(const Axis& a, const Rows& b, const Tile& t, std::int64_t count) {
  View v = line(address_of(t), b.partitions(), count);
  v.type = a.type;
  return v;
}

/// An integer type whose bits the elements of `type` have: those are only moved.
DType bits_type(DType type) {
  switch (size_of(type)) {
    case 1:
      return DType::UInt8;
    case 2:
      return DType::UInt16;
    case 4:
      return DType::UInt32;
    default:
      return DType::UInt64;
  }
}

/// Indices as int32 that count from the front: negative ones gain `length`; the result's tile.
Result<View> indices_of(Lowering& in, const Axis& index, const Rows& b, std::int64_t from,
                        std::int64_t count, std::int64_t length, std::vector<Tile>& hold) {
  Kernel& k = in.kernel;
  for (std::int64_t bytes : {count * index.size(), count * 8, count * 8, std::int64_t{8}}) {
    auto tile = TRY(in.tile(bytes));
    hold.push_back(std::move(tile));
  }
  const std::size_t at = hold.size() - 4;
  const View raw = row(index, b, hold[at], count);
  View x = line(address_of(hold[at + 1]), b.partitions(), count);
  View wrap = line(address_of(hold[at + 2]), b.partitions(), count);
  View size = line(address_of(hold[at + 3]), b.partitions(), count, 0);
  x.type = wrap.type = DType::Int64;
  size.type = DType::Float32;
  k.load({move_of(index, b, from, count, address_of(hold[at]))});
  k.memset(Engine::Gpsimd, line(address_of(hold[at + 3]), b.partitions(), 1),
           static_cast<float>(length));
  k.wide(x, Wide::Set, raw);
  clear(k, wrap);
  k.wide(wrap, Wide::IsGreater, x);
  k.wide(wrap, Wide::Mult, size);
  k.wide(x, Wide::Add, wrap);
  return x;
}

/// Adds a number to all indices.
Result<> shift(Lowering& in, const View& index, std::int64_t by) {
  const Tile one = TRY(in.tile(kWord));
  in.kernel.memset(Engine::Gpsimd, line(address_of(one), index.partitions, 1),
                   static_cast<float>(by));
  View v = line(address_of(one), index.partitions, static_cast<std::int64_t>(index.at.count()), 0);
  in.kernel.wide(index, Wide::Add, v);
  return {};
}

Result<> check_length(const Node& node, std::int64_t length) {
  if (length < std::int64_t{1} << 24) return {};
  return unsupported(node, fmt::format("an axis of {} elements", length),
                     "computed indices into axes of less than 2^24 elements");
}

/// y[o, j, i] = x[o, index[o, j, i], i]
Result<> pick(Lowering& in, const Around& a, const Axis& x, const Axis& index, const Axis& y) {
  Kernel& k = in.kernel;
  for (const Rows& b : blocks_of(a))
    for (std::int64_t j = 0; j < y.length; j += kMost / 4) {
      const std::int64_t count = std::min(kMost / 4, y.length - j);
      std::vector<Tile> hold;
      const View at = TRY(indices_of(in, index, b, j, count, x.length, hold));
      const Tile out = TRY(in.tile(count * y.size()));
      clear(k, row(y, b, out, count));
      for (std::int64_t n = 0; n < x.length; n += kMost) {
        const std::int64_t part = std::min(kMost, x.length - n);
        const Tile table = TRY(in.tile(part * x.size()));
        k.load({move_of(x, b, n, part, address_of(table))});
        k.gather(row(y, b, out, count), row(x, b, table, part), at);
        if (n + part < x.length) TRY(shift(in, at, -part));
      }
      k.store({reversed(move_of(y, b, j, count, address_of(out)))});
    }
  return {};
}

std::optional<Wide> reduction_of(const std::string& name) {
  if (name == "none") return Wide::Set;
  if (name == "add") return Wide::Add;
  if (name == "mul") return Wide::Mult;
  if (name == "max") return Wide::Max;
  if (name == "min") return Wide::Min;
  return std::nullopt;
}

}  // namespace

Result<> lower_picked_gather(Lowering& in, const Node& node) {
  const Value &x = input_of(in.graph, node, 0), &index = input_of(in.graph, node, 1);
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", 0));
  TRY(check_length(node, x.shape[axis]));
  const Around a = around(x.shape, axis);
  const DType type = bits_type(x.type);
  const std::int64_t count = count_of(index.shape);
  const Place from = TRY(in.device(*node.inputs[0])), at = TRY(in.device(*node.inputs[1]));
  const Place to = in.define_device(node.outputs[0]);
  return pick(in, a, {from, type, x.shape[axis], a.inner},
              {at, engine_type(index.type), count, 1, true}, {to, type, count, a.inner});
}

Result<> lower_gather_elements(Lowering& in, const Node& node) {
  const Value &x = input_of(in.graph, node, 0), &index = input_of(in.graph, node, 1);
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", 0));
  TRY(check_length(node, x.shape[axis]));
  const Around a = around(x.shape, axis);
  const DType type = bits_type(x.type);
  const std::int64_t count = index.shape[axis];
  const Place from = TRY(in.device(*node.inputs[0])), at = TRY(in.device(*node.inputs[1]));
  const Place to = in.define_device(node.outputs[0]);
  return pick(in, a, {from, type, x.shape[axis], a.inner},
              {at, engine_type(index.type), count, a.inner}, {to, type, count, a.inner});
}

/// x is copied, then updates go where the indices say, in order.
Result<> lower_scatter_elements(Lowering& in, const Node& node) {
  const Value &x = input_of(in.graph, node, 0), &index = input_of(in.graph, node, 1);
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", 0));
  const auto op = reduction_of(string_of(node, "reduction", "none"));
  TRY(check_length(node, x.shape[axis]));
  if (!op) return unsupported(node, "reduction", "none, add, mul, max or min");
  if (*op != Wide::Set && x.type == DType::Float64)
    return unsupported(node, "a reduction of float64", "float32 and integers");
  Kernel& k = in.kernel;
  const Around a = around(x.shape, axis);
  const DType type = *op == Wide::Set ? bits_type(x.type) : engine_type(x.type);
  const std::int64_t count = index.shape[axis], length = x.shape[axis];
  const Place x_place = TRY(in.device(*node.inputs[0])), at_place = TRY(in.device(*node.inputs[1]));
  const Place new_place = TRY(in.device(*node.inputs[2]));
  const Axis from{x_place, type, length, a.inner};
  const Axis at{at_place, engine_type(index.type), count, a.inner};
  const Axis values{new_place, type, count, a.inner};
  const Axis to{in.define_device(node.outputs[0]), type, length, a.inner};
  for (const Rows& b : blocks_of(a))
    for (std::int64_t n = 0; n < length; n += kMost) {
      const std::int64_t part = std::min(kMost, length - n);
      const Tile table = TRY(in.tile(part * from.size()));
      k.load({move_of(from, b, n, part, address_of(table))});
      for (std::int64_t j = 0; j < count; j += kMost / 4) {
        const std::int64_t some = std::min(kMost / 4, count - j);
        std::vector<Tile> hold;
        const View where = TRY(indices_of(in, at, b, j, some, length, hold));
        if (n > 0) TRY(shift(in, where, -n));
        const Tile update = TRY(in.tile(some * values.size()));
        k.load({move_of(values, b, j, some, address_of(update))});
        k.scatter(row(to, b, table, part), *op, row(values, b, update, some), where);
      }
      k.store({reversed(move_of(to, b, n, part, address_of(table)))});
    }
  return {};
}

/// The largest or smallest along an axis: values, and where they stand.
Result<> lower_top_k(Lowering& in, const Node& node) {
  const Value& x = input_of(in.graph, node, 0);
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", -1));
  const bool largest = int_of(node, "largest", 1) != 0;
  const std::int64_t length = x.shape[axis], k = output_of(in.graph, node).shape[axis];
  if (length > kMost)
    return unsupported(node, fmt::format("an axis of {} elements", length), "at most 16384");
  if (engine_type(x.type) == DType::Unknown)
    return unsupported(node, fmt::format("on {}", name_of(x.type)), "integers and floats");
  const Around a = around(x.shape, axis);
  const DType type = engine_type(x.type);
  const Place place = TRY(in.device(*node.inputs[0]));
  const Axis from{place, type, length, a.inner};
  const Axis values{in.define_device(node.outputs[0]), type, k, a.inner};
  const Axis places{in.define_device(node.outputs[1]), DType::Int64, k, a.inner};
  for (const Rows& b : blocks_of(a)) {
    if (k == 0) break;
    const Tile row_tile = TRY(in.tile(length * from.size()));
    const Tile best = TRY(in.tile(k * from.size())), where = TRY(in.tile(k * 8));
    in.kernel.load({move_of(from, b, 0, length, address_of(row_tile))});
    in.kernel.sort(row(places, b, where, k), row(from, b, row_tile, length), largest);
    View bits = row(from, b, row_tile, length), out = row(values, b, best, k);
    bits.type = out.type = bits_type(type);
    clear(in.kernel, out);
    in.kernel.gather(out, bits, row(places, b, where, k));
    in.kernel.store({reversed(move_of(values, b, 0, k, address_of(best)))});
    in.kernel.store({reversed(move_of(places, b, 0, k, address_of(where)))});
  }
  return {};
}

/// Running sums or products along an axis.
Result<> lower_cumulative(Lowering& in, const Node& node) {
  const Value& x = input_of(in.graph, node, 0);
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", 0));
  const bool reverse = int_of(node, "reverse", 0) != 0;
  const bool wide = x.type != DType::Float32;
  const bool product = node.op == "CumProd";
  const std::int64_t length = x.shape[axis];
  const DType type = engine_type(x.type);
  if (type == DType::Unknown || length > kMost)
    return unsupported(node, fmt::format("{} along {} elements", name_of(x.type), length),
                       "integers and floats, at most 16384 elements");
  const Around a = around(x.shape, axis);
  const Place place = TRY(in.device(*node.inputs[0]));
  const Axis from{place, type, length, a.inner};
  const Axis to{in.define_device(node.outputs[0]), type, length, a.inner};
  Kernel& k = in.kernel;
  for (const Rows& b : blocks_of(a)) {
    const Tile t = TRY(in.tile(length * from.size()));
    k.load({move_of(from, b, 0, length, address_of(t))});
    for (std::int64_t i = 1; i < length; ++i) {
      const std::int64_t at = reverse ? length - 1 - i : i, before = reverse ? at + 1 : at - 1;
      View y = row(from, b, t, 1), x0 = y;
      y.at.start += static_cast<std::uint32_t>(at * from.size());
      x0.at.start += static_cast<std::uint32_t>(before * from.size());
      if (wide)
        k.wide(y, product ? Wide::Mult : Wide::Add, x0);
      else
        k.tensor_tensor(Engine::Vector, y, y, product ? Alu::Mult : Alu::Add, x0);
    }
    k.store({reversed(move_of(to, b, 0, length, address_of(t)))});
  }
  return {};
}

}  // namespace neuron::compile
