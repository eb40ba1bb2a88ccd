// SPDX-License-Identifier: Apache-2.0
// Convolution without im2col: for each tap of the kernel, one product of the tap's weights with the
// shifted image, summed in PSUM. Taps that look into the padding cover fewer positions; the first
// tap covers all. Groups are blocks of one sparse weight matrix; blocks of zeros are left out.
#include <algorithm>

#include "compile/ops/convolution.h"

namespace neuron::compile {
namespace {

constexpr std::int64_t kWeightBytes = 48 * 1024;

/// Weights as the tensor engine wants them: one row an input channel of a piece, and in the row,
/// for each tile of outputs, piece and tap, one column an output channel.
struct Weights {
  VariableId variable;
  std::int64_t row = 0;                            ///< elements
  std::vector<std::vector<std::int64_t>> offsets;  ///< [tile][piece], -1 for a block of zeros
  std::vector<std::int64_t> begin;                 ///< of each tile in the row, and the end
  std::vector<Tile> tiles;                         ///< on chip: one for all, or one a tile
  bool together = false;
};

struct Block {
  std::int64_t piece, ky, kx;
};

/// Part of an output image that one PSUM bank holds.
struct Bank {
  std::uint32_t address = 0;
  std::int64_t y0, y1, x0, x1;
  std::size_t left = 0;  ///< products that are still to come
  bool begun = false;
};

class Convolution {
 public:
  Convolution(Lowering& in, const Node& node, ConvolutionPlan plan, ImageSource source,
              ImageSink& sink)
      : in_(in),
        k_(in.kernel),
        node_(node),
        w_(plan.window),
        outputs_(plan.outputs),
        group_(plan.group),
        band_(plan.band),
        values_(std::move(plan.values)),
        computed_(plan.computed),
        source_(std::move(source)),
        sink_(sink),
        type_(in.precision.operands),
        word_(static_cast<std::int64_t>(size_of(type_))),
        passes_(in.precision.passes()) {}

  Result<> run() {
    TRY(source_.open_for_products());
    TRY(arrange_weights());
    TRY(load_biases());
    for (std::int64_t n = 0; n < w_.n; ++n) {
      if (source_.whole())
        for (std::size_t t = 0; t < sink_.pieces(); ++t) TRY(tile(n, t, 0, w_.y.out));
      else
        TRY(by_bands(n));
    }
    return {};
  }

 private:
  std::int64_t channels_in_piece(std::int64_t p) const {
    return std::min<std::int64_t>(isa::kPartitions, w_.channels - p * isa::kPartitions);
  }
  std::int64_t taps() const { return w_.y.kernel * w_.x.kernel; }

  /// Whether an output tile and an input piece share a group.
  bool connected(std::int64_t tile, std::int64_t piece) const {
    const std::int64_t out = outputs_ / group_, in = w_.channels / group_;
    const std::int64_t out_last = std::min(outputs_, (tile + 1) * 128) - 1;
    const std::int64_t in_last = std::min(w_.channels, (piece + 1) * 128) - 1;
    return tile * 128 / out <= in_last / in && piece * 128 / in <= out_last / out;
  }

  Result<> arrange_weights() {
    const std::int64_t pieces = (w_.channels + 127) / 128;
    for (std::size_t t = 0; t < sink_tiles(); ++t) {
      auto& row = weights_.offsets.emplace_back();
      weights_.begin.push_back(weights_.row);
      for (std::int64_t p = 0; p < pieces; ++p) {
        row.push_back(connected(static_cast<std::int64_t>(t), p) ? weights_.row : -1);
        if (row.back() >= 0) weights_.row += taps() * columns(t);
      }
    }
    weights_.begin.push_back(weights_.row);
    if (weights_.row == 0) return {};  // no tap at all: zeros and the bias
    if (computed_) return arrange_computed();
    const std::int64_t rows = channels_in_piece(0);
    std::vector<float> data(static_cast<std::size_t>(rows * weights_.row));
    const std::int64_t in_group = w_.channels / group_, out_group = outputs_ / group_;
    for (std::int64_t o = 0; o < outputs_; ++o)
      for (std::int64_t i = 0; i < in_group; ++i) {
        const std::int64_t c = o / out_group * in_group + i, t = o / 128, p = c / 128;
        const float* source = &values_[static_cast<std::size_t>((o * in_group + i) * taps())];
        float* target = &data[static_cast<std::size_t>((c % 128) * weights_.row +
                                                       weights_.offsets[t][p] + o % 128)];
        for (std::int64_t k = 0; k < taps(); ++k) target[k * columns(t)] = source[k];
      }
    weights_.variable = in_.constant("weights", {rows, weights_.row}, data, type_);
    return load_weights();
  }

  /// The same by a transfer, element by element, for weights that are made at run time.
  Result<> arrange_computed() {
    const auto bytes = static_cast<std::uint64_t>(channels_in_piece(0) * weights_.row * kWord);
    scratch_ = Arena::take(k_.scratch, bytes);
    if (!scratch_) return fail(Code::NoResource, "no scratchpad left for {} bytes", bytes);
    weights_.variable = k_.variable({fmt::format("scratch{}", k_.variables.size()),
                                     VariableUse::Scratch,
                                     bytes,
                                     scratch_->begin,
                                     {}});
    std::vector<Move> moves;
    for (std::size_t t = 0; t < sink_tiles(); ++t)
      for (std::size_t p = 0; p < weights_.offsets[t].size(); ++p) {
        const auto o = static_cast<std::int64_t>(t) * 128, i = static_cast<std::int64_t>(p) * 128;
        const Place from{computed_->variable,
                         computed_->offset + (o * w_.channels + i) * taps() * kWord};
        moves.push_back({from,
                         {weights_.variable, weights_.offsets[t][p] * kWord},
                         kWord,
                         {{columns(t), w_.channels * taps() * kWord, kWord},
                          {taps(), kWord, columns(t) * kWord},
                          {channels_in_piece(static_cast<std::int64_t>(p)), taps() * kWord,
                           weights_.row * kWord}}});
      }
    k_.store(std::move(moves));
    return load_weights();
  }

  Result<> load_weights() {
    weights_.together = weights_.row * word_ <= kWeightBytes;
    weights_.tiles.resize(weights_.together ? 1 : sink_tiles());
    if (!weights_.together) return {};
    weights_.tiles[0] = TRY(load_row(0, weights_.row));
    return {};
  }

  /// `count` elements of every row of weights from element `first` on, in the type of products.
  Result<Tile> load_row(std::int64_t first, std::int64_t count) {
    const std::int64_t size = computed_ ? kWord : word_;
    const int rows = static_cast<int>(channels_in_piece(0));
    const Tile tile = TRY(in_.loaded(count * size, [&](std::uint32_t at) {
      return std::vector<Move>{
          row_load({weights_.variable, first * size}, weights_.row * size, at, rows, count * size)};
    }));
    if (size == word_) return tile;
    return in_.narrowed(address_of(tile), rows, count);
  }

  /// Address of the weights of a tile; loads them when not all tiles fit together.
  Result<std::uint32_t> weights_at(std::size_t t) {
    if (weights_.row == 0) return 0u;
    if (weights_.together)
      return address_of(weights_.tiles[0]) + static_cast<std::uint32_t>(weights_.begin[t] * word_);
    if (loaded_ != t) {
      weights_.tiles.assign(sink_tiles(), nullptr);
      weights_.tiles[t] =
          TRY(load_row(weights_.begin[t], weights_.begin[t + 1] - weights_.begin[t]));
      loaded_ = t;
    }
    return address_of(weights_.tiles[t]);
  }

  Result<> load_biases() {
    Finish how = limits_of(node_);
    const bool biased = has_input(node_, 2);
    const std::vector<float> bias = biased ? in_.floats(*node_.inputs[2]) : std::vector<float>{};
    for (std::size_t t = 0; t < sink_tiles(); ++t) {
      const auto count = static_cast<std::size_t>(columns(t));
      if (biased && bias.empty())
        how.bias = TRY(computed_bias(t));
      else if (biased)
        how.bias = TRY(in_.scalars(std::span(bias).subspan(t * 128, count)));
      finish_.push_back(how);
    }
    return {};
  }
  Result<std::uint32_t> computed_bias(std::size_t t) {
    Place from = TRY(in_.device(*node_.inputs[2]));
    from.offset += static_cast<std::int64_t>(t) * 128 * kWord;
    auto tile = TRY(in_.lasting_tile(kWord));
    biases_.push_back(tile);
    k_.load(
        {row_load(from, kWord, address_of(biases_.back()), static_cast<int>(columns(t)), kWord)});
    return address_of(biases_.back());
  }

  std::size_t sink_tiles() const { return static_cast<std::size_t>((outputs_ + 127) / 128); }
  std::int64_t columns(std::size_t t) const {
    return std::min<std::int64_t>(128, outputs_ - static_cast<std::int64_t>(t) * 128);
  }
  std::int64_t rows_a_bank() const { return std::max<std::int64_t>(1, kBankColumns / w_.x.out); }

  /// An image that does not fit: as many rows at a time as fill the banks, with their halo.
  Result<> by_bands(std::int64_t n) {
    for (std::int64_t y = 0; y < w_.y.out; y += band_) {
      const std::int64_t end = std::min(y + band_, w_.y.out);
      const auto [first, last] = w_.y.seen(y, end);
      TRY(source_.need(n, first, last));
      for (std::size_t t = 0; t < sink_.pieces(); ++t) TRY(tile(n, t, y, end));
    }
    return {};
  }

  /// Rows [from, to) of one tile of output channels.
  Result<> tile(std::int64_t n, std::size_t t, std::int64_t from, std::int64_t to) {
    const std::uint32_t weights = TRY(weights_at(t));
    const std::int64_t rows = rows_a_bank();
    const std::int64_t step =
        w_.x.out > kBankColumns ? rows : rows * static_cast<std::int64_t>(kBanksAtOnce);
    for (std::int64_t y = from; y < to; y += step) {
      const std::int64_t end = std::min(y + step, to);
      const std::uint32_t place = TRY(sink_.place(t, n, y, end));
      std::vector<Bank> banks;
      for (std::int64_t b = y; b < end; b += rows)
        for (std::int64_t x = 0; x < w_.x.out; x += kBankColumns) {
          banks.push_back({0, b, std::min(b + rows, end), x, std::min(x + kBankColumns, w_.x.out)});
          if (banks.size() == kBanksAtOnce) TRY(fill(n, t, weights, banks, place, y));
        }
      TRY(fill(n, t, weights, banks, place, y));
      sink_.done(t, n, y, end);
    }
    return {};
  }

  /// The blocks of weights of a tile, one that covers every position of the banks first.
  std::vector<Block> blocks_for(std::size_t t, const std::vector<Bank>& banks) const {
    std::vector<Block> out;
    for (std::int64_t p = 0; p < static_cast<std::int64_t>(source_.pieces().size()); ++p)
      for (std::int64_t ky = 0; ky < w_.y.kernel; ++ky)
        for (std::int64_t kx = 0; kx < w_.x.kernel; ++kx)
          if (weights_.offsets[t][p] >= 0) out.push_back({p, ky, kx});
    const auto covers = [&](const Block& b) {
      return std::all_of(banks.begin(), banks.end(), [&](const Bank& bank) {
        return w_.y.covered(b.ky, bank.y0, bank.y1) == std::pair(bank.y0, bank.y1) &&
               w_.x.covered(b.kx, bank.x0, bank.x1) == std::pair(bank.x0, bank.x1);
      });
    };
    const auto first = std::find_if(out.begin(), out.end(), covers);
    if (first != out.end()) std::rotate(out.begin(), first, first + 1);
    return out;
  }

  bool touches(const Block& b, const Bank& bank) const {
    const auto [y0, y1] = w_.y.covered(b.ky, bank.y0, bank.y1);
    const auto [x0, x1] = w_.x.covered(b.kx, bank.x0, bank.x1);
    return y0 < y1 && x0 < x1;
  }

  Result<> fill(std::int64_t n, std::size_t t, std::uint32_t weights, std::vector<Bank>& banks,
                std::uint32_t place, std::int64_t y) {
    if (banks.empty()) return {};
    const std::vector<Block> blocks = blocks_for(t, banks);
    for (Bank& bank : banks) {
      bank.address = k_.bank();
      for (const Block& b : blocks) bank.left += touches(b, bank) ? passes_.size() : 0;
    }
    TRY(begin_banks(t, blocks, banks));
    for (const Block& b : blocks)
      for (Pass pass : passes_) products(n, t, weights, b, pass, banks);
    for (const Bank& bank : banks) {
      const int channels = static_cast<int>(columns(t));
      const std::int64_t rows = bank.y1 - bank.y0, width = bank.x1 - bank.x0;
      finish(k_, sink_.view(place, channels, bank.y0 - y, rows, bank.x0, width),
             line(bank.address, channels, rows * width), finish_[t]);
    }
    banks.clear();
    return {};
  }

  /// When no tap covers all positions, zeros do, and everything else adds to them.
  Result<> begin_banks(std::size_t t, const std::vector<Block>& blocks, std::vector<Bank>& banks) {
    const auto covered = [&](const Bank& bank) {
      return !blocks.empty() &&
             w_.y.covered(blocks[0].ky, bank.y0, bank.y1) == std::pair(bank.y0, bank.y1) &&
             w_.x.covered(blocks[0].kx, bank.x0, bank.x1) == std::pair(bank.x0, bank.x1);
    };
    if (std::all_of(banks.begin(), banks.end(), covered)) return {};
    const std::uint32_t zeros = TRY(in_.zeros());
    const int channels = static_cast<int>(columns(t));
    k_.ldweights(line(zeros, 1, channels), Pass::High);
    for (Bank& bank : banks) {
      const std::int64_t count = (bank.y1 - bank.y0) * (bank.x1 - bank.x0);
      k_.matmul(line(bank.address, channels, count), axes(zeros, 1, {{count, 0}}), Pass::High, true,
                bank.left == 0, channels);
      bank.begun = true;
    }
    return {};
  }

  void products(std::int64_t n, std::size_t t, std::uint32_t weights, const Block& b, Pass pass,
                std::vector<Bank>& banks) {
    const Piece& piece = source_.pieces()[static_cast<std::size_t>(b.piece)];
    const std::int64_t at = weights_.offsets[t][static_cast<std::size_t>(b.piece)] -
                            weights_.begin[t] + (b.ky * w_.x.kernel + b.kx) * columns(t);
    const int channels = static_cast<int>(columns(t));
    bool loaded = false;
    for (Bank& bank : banks) {
      const auto [y0, y1] = w_.y.covered(b.ky, bank.y0, bank.y1);
      const auto [x0, x1] = w_.x.covered(b.kx, bank.x0, bank.x1);
      if (y0 == y1 || x0 == x1) continue;
      View block = line(static_cast<std::uint32_t>(weights + at * word_), piece.count, channels);
      block.type = type_;
      if (!loaded) k_.ldweights(block, pass);
      loaded = true;
      const std::int64_t width = bank.x1 - bank.x0;
      const std::uint32_t from = source_.at(piece, n, w_.y.pixel(y0, b.ky), w_.x.pixel(x0, b.kx));
      const auto to = static_cast<std::uint32_t>(bank.address +
                                                 ((y0 - bank.y0) * width + x0 - bank.x0) * kWord);
      View moving =
          grid(from, piece.count, {{x1 - x0, w_.x.stride}, {y1 - y0, w_.y.stride * w_.x.in}});
      moving.type = type_;
      k_.matmul(grid(to, channels, {{x1 - x0, 1}, {y1 - y0, width}}), moving, pass, !bank.begun,
                --bank.left == 0, channels);
      bank.begun = true;
    }
  }

  Lowering& in_;
  Kernel& k_;
  const Node& node_;
  Window w_;
  std::int64_t outputs_, group_, band_;
  std::vector<float> values_;
  std::optional<Place> computed_;
  Tile scratch_;
  ImageSource source_;
  ImageSink& sink_;
  DType type_;         ///< of both operands
  std::int64_t word_;  ///< its bytes
  std::span<const Pass> passes_;
  Weights weights_;
  std::vector<Finish> finish_;
  std::vector<Tile> biases_;
  std::size_t loaded_ = static_cast<std::size_t>(-1);
};

}  // namespace

std::int64_t band_rows(const Window& w, std::int64_t bytes, std::int64_t row_bytes, bool stacked) {
  const auto need = [&](std::int64_t rows) {
    return stacked ? rows : (rows - 1) * w.y.stride + (w.y.kernel - 1) * std::abs(w.y.dilation) + 1;
  };
  const std::int64_t step = std::max<std::int64_t>(1, kBankColumns / w.x.out);
  std::int64_t rows = std::min(w.y.out, step * static_cast<std::int64_t>(kBanksAtOnce));
  while (rows > step && need(rows) * row_bytes > bytes) rows -= step;
  while (rows > 1 && need(rows) * row_bytes > bytes) --rows;
  return rows;
}

Result<> convolve(Lowering& in, const Node& node, ConvolutionPlan plan, ImageSource source,
                  ImageSink& sink) {
  return Convolution(in, node, std::move(plan), std::move(source), sink).run();
}

}  // namespace neuron::compile
