// SPDX-License-Identifier: Apache-2.0
// What ranks do together: from HBM to HBM, between the stores that it waits for and the loads that
// wait for it. The two cores of a logical one see each other's SBUF: what one has goes there.
#include <algorithm>

#include "compile/ops/lowering.h"
#include "compile/parallel/share.h"

namespace neuron::compile {
namespace {

/// A run of HBM as rows of equal length, one a partition; a part of each row at a time.
struct Rows {
  int count = 1;
  std::int64_t row = 0;  ///< bytes

  Move load(Place from, std::uint32_t to, std::int64_t bytes) const {
    return row_load(from, row, to, count, bytes);
  }
  Move store(std::uint32_t from, Place to, std::int64_t bytes) const {
    return row_store(from, count, bytes, to, row);
  }
};
Rows rows_of(std::int64_t elements, std::int64_t size) {
  int count = isa::kPartitions;
  while (elements % count != 0) --count;
  return {count, elements / count * size};
}

class BetweenCores {
 public:
  BetweenCores(Lowering& in, const Node& node, const Together& what)
      : in_(in), k_(in.kernel), what_(what), core_(int_of(node, "core", 0)) {}

  Result<> run(std::int64_t elements, std::int64_t size) {
    const Rows rows = rows_of(elements, size);
    const std::int64_t most = resident_bytes(k_.arch) / 8 / size * size;
    for (std::int64_t at = 0; at < rows.row; at += most)
      TRY(part(rows, at, std::min(most, rows.row - at)));
    return {};
  }

 private:
  /// `bytes` of every row from byte `at` on.
  Result<> part(const Rows& rows, std::int64_t at, std::int64_t bytes) {
    const Tile own = TRY(in_.tile(bytes)), theirs = TRY(in_.tile(bytes));
    const auto place = [&](const Place& p, std::int64_t run) {
      return Place{p.variable, p.offset + run * what_.bytes + at};
    };
    k_.load({rows.load(place(what_.from, 0), address_of(own), bytes)});
    k_.exchange(core_, address_of(own), address_of(theirs), rows.count, bytes);
    if (what_.sums) {
      const auto view = [&](const Tile& tile) {
        return line(address_of(tile), rows.count, bytes / kWord);
      };
      k_.tensor_tensor(Engine::Vector, view(own), view(own), Alu::Add, view(theirs));
      k_.store({rows.store(address_of(own), place(what_.to, 0), bytes)});
      return {};
    }
    k_.store({rows.store(address_of(own), place(what_.to, core_), bytes),
              rows.store(address_of(theirs), place(what_.to, 1 - core_), bytes)});
    return {};
  }

  Lowering& in_;
  Kernel& k_;
  Together what_;
  std::int64_t core_;
};

}  // namespace

Result<> lower_together(Lowering& in, const Node& node) {
  const Value& part = input_of(in.graph, node, 0);
  const bool sums = node.op == kAllReduce;
  if (sums && part.type != DType::Float32)
    return unsupported(node, fmt::format("sums of {}", name_of(part.type)), "float32");
  const auto size = static_cast<std::int64_t>(size_of(part.type));
  Together together;
  together.sums = sums;
  together.bytes = count_of(part.shape) * size;
  together.ranks = static_cast<std::uint32_t>(int_of(node, "ranks", 1));
  together.from = TRY(in.device(*node.inputs[0]));
  together.to = in.define_device(node.outputs[0]);
  if (node.attributes.count("core") != 0)
    return BetweenCores(in, node, together).run(count_of(part.shape), size);
  in.kernel.join(together);
  return {};
}

}  // namespace neuron::compile
