// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "compile/attributes.h"
#include "compile/graph.h"
#include "compile/kernel.h"
#include "compile/ops/row_blocks.h"
#include "compile/precision.h"

/// What a lowering of an operator works with: the graph, the kernel that grows, and where every
/// value lies. A value lies in HBM (row-major, as the graph says), on chip (Feature), or both.
namespace neuron::compile {

/// Channels [first, first + count) of a feature map, one a partition.
struct Piece {
  Tile tile;
  std::uint32_t address = 0;
  std::int64_t first = 0;
  int count = 0;
};
/// A value [n, c, s...] on chip: element (i, j, k) at partition j of its piece, element i * s + k.
struct Feature {
  std::int64_t n = 1, c = 1, s = 1;
  std::vector<Piece> pieces;
  DType type = DType::Float32;
  /// All elements of a partition.
  View all(const Piece& p) const {
    View v = line(p.address, p.count, n * s);
    v.type = type;
    return v;
  }
};

class Lowering {
 public:
  /// `kept` bytes of every partition are for constants that stay from execution to execution.
  Lowering(const Graph& g, const isa::Arch& arch, const Precision& precision = {},
           std::uint64_t kept = 0);

  const Graph& graph;
  Kernel kernel;
  const Precision precision;

  /// A value in HBM, stored there now when it was only on chip. Constants appear on first use.
  Result<Place> device(ValueId id);
  /// A place in HBM for a value that the caller is about to store.
  Place define_device(ValueId id);
  /// A value on chip, loaded now when it was only in HBM; nothing when it is too large to stay, or
  /// when its shape has no channels.
  Result<std::optional<Feature>> feature(ValueId id);
  /// Room on chip for a value that the caller is about to compute; nothing when it is too large.
  Result<std::optional<Feature>> make_feature(const Shape& shape, DType type = DType::Float32);
  /// A value on chip in the type that products take; nothing as in feature().
  Result<std::optional<Feature>> operand(ValueId id);
  /// A value on chip as it lies there, float32 or rounded; nothing as in feature().
  Result<std::optional<Feature>> as_it_is(ValueId id);
  /// The type in which a result should stay on chip: rounded when only products read it.
  DType chip_type(ValueId id) const;
  /// The same elements rounded to what products take, in a tile of its own.
  Result<Tile> narrowed(std::uint32_t address, int partitions, std::int64_t elements);
  void define_feature(ValueId id, Feature feature);
  /// A value that is on chip, in float32; nothing when it is not, or too large for that.
  Result<std::optional<Feature>> resident(ValueId id);
  bool on_chip(ValueId id) const {
    return homes_[id.value].feature.has_value() || homes_[id.value].rounded.has_value();
  }
  /// A value whose rows are on partitions now; null when it is not there so.
  const RowBlocks* rows(ValueId id) const;
  /// The same, loaded when it is only in HBM; nothing when it cannot be cut so or is too large.
  Result<std::optional<RowBlocks>> load_rows(ValueId id);
  Result<std::optional<RowBlocks>> make_rows(const Shape& shape);
  void define_rows(ValueId id, RowBlocks value) { homes_[id.value].rows = std::move(value); }
  /// Transposes heads by another view of the same bytes; false when that does not do.
  bool transpose_rows(const Node& node);
  /// `count` elements of a value, the same in every partition.
  Result<Tile> spread_row(ValueId id, std::int64_t count);
  /// SBUF address of 128 ones in the first partition.
  Result<std::uint32_t> ones();

  /// The output is the input under another shape.
  Result<> alias(ValueId from, ValueId to);

  /// A place in HBM for an intermediate value of one lowering.
  Place scratch(std::int64_t bytes, std::vector<Tile>& hold);
  /// From here on the node may store to bytes that it has stored to before.
  void next_note(const Node& node) {
    kernel.begin_note(node.layer.empty() ? node.name : node.layer, node.op);
  }

  /// What the tensor engine transposed last: products of one value that follow each other share it.
  struct Turned {
    Tile source;  ///< where the value lies as rows
    std::uint32_t address = 0;
    std::int64_t rows = 0, columns = 0;
    std::vector<Tile> tiles;
    std::vector<std::uint32_t> slots;
  };
  std::optional<Turned> turned;  ///< given up when room is short

  /// Room in SBUF; other values move to HBM when there is none.
  Result<Tile> tile(std::int64_t bytes_per_partition);
  /// The same for what stays longer than one operator.
  Result<Tile> lasting_tile(std::int64_t bytes_per_partition);
  /// Moves that bring bytes from HBM to a tile at `address`.
  using Moves = std::function<std::vector<Move>(std::uint32_t address)>;
  /// A tile that they have filled: once and for all where constants come and there is room among
  /// those that stay, else now.
  Result<Tile> loaded(std::int64_t bytes_per_partition, const Moves& moves, bool lasting = false);
  /// A constant as float32, or empty when the value is computed.
  std::vector<float> floats(ValueId id) const;
  /// A variable of the package that holds `data`; its name gets a number.
  VariableId constant(std::string name, Shape shape, const std::vector<float>& data,
                      DType type = DType::Float32);
  /// SBUF address of one float32 a partition.
  Result<std::uint32_t> scalars(std::span<const float> values);
  /// SBUF address of the 128 x 128 identity that transposes through the tensor engine.
  Result<std::uint32_t> identity();
  /// SBUF address of `count` zeros in every partition.
  Result<std::uint32_t> zeros();

  /// Walks over the nodes, then stores the outputs. NoResource: node() needs more of SBUF than
  /// there is; it may be among `tight` the next time.
  Result<> run();
  std::size_t node() const { return node_; }
  /// Nodes that find nothing on chip and leave nothing there: all goes by HBM, part after part.
  std::set<std::size_t> tight;

 private:
  struct Home {
    std::optional<Place> device;
    Tile scratch;  ///< keeps the scratchpad range of `device`
    std::optional<Feature> feature;
    std::optional<Feature> rounded;    ///< the same in Precision::operands; may stand alone
    std::optional<RowBlocks> rows;     ///< instead, with rows on partitions
    std::optional<VariableId> target;  ///< the output variable that it ends in
    std::size_t last_use = 0;
    std::vector<std::size_t> uses;
  };
  struct Table {
    Tile tile;
    VariableId variable;
    int used = 0;
  };

  void keep_room(std::uint64_t bytes);
  void find_uses();
  void find_targets();
  Result<> one_node(const Node& node);
  void release();
  Result<bool> spill();
  Result<> store_outputs();
  void trim_tables();
  Result<> store(const Feature& feature, Place to);
  Result<> store_rounded(const Feature& feature, Place to);
  std::vector<Move> moves_of(const RowBlocks& x, Place place, bool loads) const;
  Result<std::optional<Feature>> converted(const Feature& from, DType type);

  std::shared_ptr<Arena> kept_;        ///< of constants that stay; null: none do
  std::array<Tile, 2> kept_rooms_;     ///< its room in SBUF, and what of `kept_` is none of it
  std::map<std::string, Tile> stays_;  ///< by the moves that fill them
  std::vector<Home> homes_;
  std::vector<Table> tables_;
  Tile identity_, zeros_, ones_;
  std::size_t node_ = 0;
};

/// Loads `count` bytes of each row into as many partitions: rows `step` bytes apart.
Move row_load(Place from, std::int64_t step, std::uint32_t address, int partitions,
              std::int64_t bytes);
Move row_store(std::uint32_t address, int partitions, std::int64_t bytes, Place to,
               std::int64_t step);

/// [n, c, s] of a shape whose second dimension is channels.
std::array<std::int64_t, 3> channels_of(const Shape& shape);
inline constexpr std::int64_t kWord = 4;  ///< bytes of the float32 that everything computes in
/// Bytes of a partition that one value may keep on chip.
std::int64_t resident_bytes(const isa::Arch& arch);

/// A lowering appends the steps of one node and defines its outputs.
using LowerFunction = Result<> (*)(Lowering& in, const Node& node);
/// "Conv of ...: what is missing; supported is ...".
Error unsupported(const Node& node, const std::string& why, const std::string& nearest);

}  // namespace neuron::compile
