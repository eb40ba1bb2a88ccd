// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "sim/plan/product.h"
#include "sim/plan/tile.h"

/// A product as it is laid out to be run. Weights are packed in blocks of 8 columns, moving columns
/// in panels of up to 144; terms follow each other in chunks that stay in the first cache.
namespace neuron::sim {

constexpr unsigned kPackColumns = kTileRows;
constexpr unsigned kNarrow = 2 * kTileRows;  ///< columns that move in a narrow product, at most
constexpr unsigned kLineColumns = 240;       ///< of a panel for weights of one column, at most

/// Some rows of a term that are read where they were copied from.
struct CopiedRows {
  CopiedView::Rows place;
  Pieces pieces;
  std::vector<std::uint16_t> zeros;  ///< columns
  bool operator==(const CopiedRows&) const = default;
};
/// One term in a panel.
struct PanelPart {
  std::uint32_t term;
  std::uint32_t row;  ///< of the chunk
  Pieces pieces;
  unsigned ahead = 0;              ///< bytes behind them that the next panel reads
  std::vector<CopiedRows> copied;  ///< all of its rows, unless they are read where they lie
  bool operator==(const PanelPart&) const = default;
};
/// Terms whose weights are packed together.
struct Chunk {
  std::uint32_t rows = 0;
  std::size_t weights = 0;            ///< place of its packed weights
  std::uint32_t first = 0, last = 0;  ///< terms
};
/// Columns [begin, end) of the sum.
struct Panel {
  unsigned begin, end, lanes;
  unsigned width;  ///< floats of a packed row; what is behind the columns is nobody's
  std::vector<std::vector<PanelPart>> parts;  ///< of each chunk
  Pieces base;                                ///< of the sum in PSUM
  ChainPanel eviction;
  std::optional<Floor> floor;  ///< what the eviction is, if the tiles may do all of it
  bool filled = true;          ///< every term has elements for all columns
  std::vector<PanelPart> few;  ///< of each term, 8 columns at a time, for a narrow product
  /// Every column of its tiles is one of the sum.
  bool is_whole() const { return end - begin == lanes * kLanes; }
};

/// One row of each channel of an image, as the planes take it.
struct ImageRows {
  unsigned behind;             ///< the channel's first row
  Pieces pieces;               ///< the moving elements, to floats of the planes
  std::int32_t first, last;    ///< bytes where these lie
  bool is_copied = false;      ///< and is read where it was copied from:
  CopiedView::Rows from = {};  ///< row 0 and the step to the next one
};

/// Columns [begin, end) of the sum of weights that stand alone, whole rows of an image: a channel's
/// elements lie in planes, between zeros, and taps are distances there.
struct Image {
  unsigned begin, end;
  std::vector<ImageRows> rows;
  std::size_t floats;          ///< of the planes of a row
  std::uint32_t pitch, width;  ///< floats from row to row: of the planes, and of the sum
  std::vector<TapBlock> blocks;
  std::vector<TapColumn> columns;
  Pieces base;  ///< of the sum in PSUM
  ChainPanel eviction;
  unsigned first_panel = 0, last_panel = 0;  ///< do the same where a number is not finite
};

struct PlannedProduct {
  Sum sum;
  unsigned columns = 0, blocks = 0;  ///< of the weights
  std::vector<Chunk> chunks;
  std::vector<Panel> panels;
  std::vector<Image> images;  ///< are summed in their stead, if there are any
  std::unique_ptr<Chain> eviction;
  bool keep = true;
  bool constant = false;   ///< all weights are, and packed for good
  bool packs = false;      ///< ... by this product, the first that has them
  bool late = false;       ///< ... when it is run, not with the plan
  bool narrow = false;     ///< few moving columns, which are packed instead of the weights
  bool lines = false;      ///< weights of one column, and constants move: read from end to end
  std::size_t packed = 0;  ///< floats of all packed weights
  Floats tiles;            ///< constants of a narrow product, in the order in which they are read
  std::shared_ptr<PackedWeights> storage;
  /// Whether moving rows are brought together, be it from where they were copied from.
  bool may_gather() const { return !narrow && (images.empty() || images[0].rows[0].is_copied); }
};

/// Products of the same moving columns, which are brought together once for all of them.
using Products = std::vector<std::shared_ptr<PlannedProduct>>;

/// Where the moving rows of a term lie.
RowsAt moving_at(const Memory& m, const Term& t);
/// Packs a term's share of a panel, `width` columns a row; `panel` is where the chunk begins.
void pack_part(const Memory& m, const Term& term, const PanelPart& part, unsigned width,
               float* panel);

/// Whether so few columns move that weights are better read as they lie.
bool is_narrow(const PlannedProduct& p, bool constant);
/// Fills in Panel::few.
void plan_narrow(const PlannedProduct& p, Panel& panel);
/// Fills in PlannedProduct::tiles; without, weights are read as they lie.
void pack_narrow(PlannedProduct& p);
/// Sums the only panel of a narrow product.
void sum_narrow(const PlannedProduct& p, const Panel& panel, const Memory& m, Worker& w);

/// Whether rows of constants may be read as they lie, for weights of one column.
bool is_lines(const PlannedProduct& p);
/// Sums the panels [begin, end), counted through all products, some rows at a time, and gives them
/// to the evictions. `packed` is empty, or the constants in the order in which they are read.
void run_lines(const Products& group, const Floats& packed, const Memory& m, Worker& w,
               unsigned begin, unsigned end);
/// Fills in `packed`; leaves it empty if it would be too large.
void pack_lines(const Products& group, Floats& packed);

using Offsets = std::vector<std::vector<std::int32_t>>;
/// Fills in PlannedProduct::images, but for their panels, if what moves is an image. `offsets`
/// tells the bytes of each term's elements from its view on, `columns` those of the sum that they
/// belong to.
void plan_images(PlannedProduct& p, const Offsets& offsets, const Offsets& columns);

/// Packs the weights of the terms [begin, end) into their chunks.
void pack_terms(const PlannedProduct& p, const Memory& m, unsigned begin, unsigned end);
/// True when all weights are constants, which are packed once for all products that have them.
bool share_constants(PlannedProduct& p, Packings& packings);
/// Whether constants that have not been packed seem to be mostly other numbers than zeros.
bool looks_dense(const PlannedProduct& p);
/// Packs the constants of all these products, each with a storage of its own, by all threads.
void pack_constants(std::span<PlannedProduct* const> products);
/// Looks for zeros in constants that are packed, likewise.
void find_patterns(std::span<PlannedProduct* const> products);
/// Fills in PlannedProduct::panels.
void plan_panels(PlannedProduct& p);
/// What a product costs: its kind, how it is evicted, and its sizes.
std::string shown(const PlannedProduct& p, const Links& eviction);

/// Lanes of the next tile of so many that are left. A tile of eight columns is slow: seven lanes
/// are four and three.
inline unsigned lanes_of_tile(unsigned left) {
  return left == kTileLanes + 1 ? kTileLanes / 2 + 1 : std::min(kTileLanes, left);
}
/// Kernels for as many of the 8 columns of a block as the product has.
const TileKernel* kernels_of(const PlannedProduct& p);
/// use(tile's arguments, kernel) for as many columns of a panel at a time as a tile has.
template <class Use>
void each_tile(const PlannedProduct& p, const Panel& panel, const TileArguments& t, Use use) {
  for (unsigned begin = 0, count; begin < panel.lanes; begin += count) {
    const unsigned left = panel.lanes - begin;
    const TileKernel and_one = panel.end - panel.begin == (panel.lanes - 1) * kLanes + 1 &&
                                       left == kTileLanes + 1 && p.columns > 1
                                   ? tile_kernels().and_one
                                   : nullptr;
    count = and_one ? left : lanes_of_tile(left);
    TileArguments tile = t;
    tile.b += begin * kLanes;
    tile.c += begin * kLanes;
    use(tile, and_one ? and_one : kernels_of(p)[count - 1]);
  }
}
/// use(first lane, number of lanes) for as many of all lanes at a time as a tile has.
template <class Use>
void each_lanes(unsigned all, Use use) {
  for (unsigned lane = 0; lane < all; lane += kTileLanes)
    use(lane, std::min(kTileLanes, all - lane));
}
/// Before the first panel of a run: room for the sums, and what the evictions read of each row.
void open_group(const Products& group, const Memory& m, Worker& w);
/// Gives rows [first, first + rows) of `sums` to the eviction of the j-th product.
void take_rows(const Products& group, std::size_t j, const Panel& panel, const Memory& m, Worker& w,
               unsigned first, unsigned rows, const float* sums);
/// Sums the panels [begin, end) and gives them to the evictions.
void run_panels(const Products& group, const Memory& m, Worker& w, unsigned begin, unsigned end);
/// The same for images.
void run_images(const Products& group, const Memory& m, Worker& w, unsigned begin, unsigned end);
/// Whether a product may be one of many in a group.
bool may_share(const PlannedProduct& p);

}  // namespace neuron::sim
