// SPDX-License-Identifier: Apache-2.0
// Plans a product: which terms make a chunk, what of each term a panel takes.
#include "sim/plan/product.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sim/plan/panels.h"

namespace neuron::sim {
namespace {

constexpr unsigned kChunk = 128;  ///< rows from which a chunk is full
constexpr unsigned kAhead = 256;  ///< bytes of each row asked for while those before are packed

std::vector<std::int32_t> iota(std::size_t count) {
  std::vector<std::int32_t> out(count);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

void plan_chunks(PlannedProduct& p) {
  for (std::uint32_t t = 0; t < p.sum.terms.size(); ++t) {
    const unsigned rows = p.sum.terms[t].weights.rows;
    // One block of weights reads its moving rows in place, a term at a time.
    if (p.chunks.empty() || p.blocks == 1 || p.chunks.back().rows >= kChunk)
      p.chunks.push_back({0, 0, t, t});
    p.chunks.back().rows += rows;
    p.chunks.back().last = t + 1;
  }
  for (Chunk& c : p.chunks) {
    c.weights = p.packed;
    p.packed += std::size_t{c.rows} * p.blocks * kPackColumns;
  }
}

/// Whether each column of the weights is one row's, which may be summed by itself.
bool may_stand_alone(const PlannedProduct& p) {
  const View& first = p.sum.terms[0].moving;
  return !p.sum.accumulate && p.storage && !p.storage->row_of.empty() &&
         std::all_of(p.sum.terms.begin(), p.sum.terms.end(), [&](const Term& t) {
           return !t.constant && !t.high && t.moving.type == first.type &&
                  t.moving.at / isa::kPartitionStride == first.at / isa::kPartitionStride &&
                  t.weights.rows == p.sum.terms[0].weights.rows;
         });
}

}  // namespace

namespace {

/// What a panel takes of rows whose elements lie in a pattern.
CopiedRows copied_rows(const CopiedView::Pattern& pattern, unsigned size,
                       const std::vector<std::int32_t>& columns, std::int32_t begin,
                       std::int32_t end) {
  CopiedRows out;
  std::vector<std::int32_t> offsets, theirs;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (columns[i] < begin || columns[i] >= end) continue;
    if (pattern[i] == CopiedView::kZero) {
      out.zeros.push_back(static_cast<std::uint16_t>(columns[i] - begin));
      continue;
    }
    offsets.push_back(pattern[i]);
    theirs.push_back(columns[i]);
  }
  out.pieces = pieces_of(offsets, theirs, begin, end, size);
  return out;
}
/// The same of all rows of a term; most of them have the pattern of others.
std::vector<CopiedRows> copied_rows(const Term& term, const std::vector<std::int32_t>& columns,
                                    std::int32_t begin, std::int32_t end) {
  std::vector<CopiedRows> known, out;
  for (const CopiedView::Pattern& pattern : term.copied->patterns)
    known.push_back(copied_rows(pattern, term.moving.size, columns, begin, end));
  for (const CopiedView::Rows& rows : term.copied->rows) {
    out.push_back(known[rows.pattern]);
    out.back().place = rows;
  }
  return out;
}

/// Whether tiles of a panel may end with its columns, the last one going back to where it overlaps
/// the one before.
bool may_finish(const PlannedProduct& p, const Panel& panel) {
  const unsigned columns = panel.end - panel.begin, most = kTileLanes * kLanes;
  const bool ends = columns % kLanes == 0 || columns >= most;
  const bool and_one = columns == most + 1 && tile_kernels().and_one;
  return p.eviction && !p.keep && !p.narrow && p.columns % kTileRows == 0 && ends && !and_one;
}

/// Panels of the columns [begin, end).
void append_panels(PlannedProduct& p, const Offsets& offsets, const Offsets& columns,
                   unsigned begin, unsigned end) {
  const unsigned lanes = (end - begin + kLanes - 1) / kLanes;
  const unsigned most = (p.columns == 1 ? kLineColumns : kStripColumns) / kLanes;
  const unsigned panels = (lanes + most - 1) / most;
  // So that no tile is small, but for the last one.
  const unsigned least = tile_kernels().lanes;
  const unsigned share = ((lanes + panels - 1) / panels + least - 1) / least * least;
  const auto all = iota(p.sum.base.count);
  for (unsigned i = 0; share * i < lanes; ++i) {
    Panel panel{};
    panel.begin = begin + share * i * kLanes;
    panel.lanes = std::min(share, lanes - share * i);
    panel.width = (panel.lanes + 1) / 2 * 2 * kLanes;
    panel.end = std::min(end, panel.begin + panel.lanes * kLanes);
    const auto from = static_cast<std::int32_t>(panel.begin),
               to = static_cast<std::int32_t>(panel.end);
    for (const Chunk& c : p.chunks) {
      auto& parts = panel.parts.emplace_back();
      std::uint32_t row = 0;
      for (std::uint32_t t = c.first; t < c.last; row += p.sum.terms[t++].weights.rows) {
        const Term& term = p.sum.terms[t];
        parts.push_back({t,
                         row,
                         pieces_of(offsets[t], columns[t], from, to, term.moving.size),
                         panel.end < end ? kAhead : 0,
                         {}});
        if (p.may_gather() && term.copied)
          parts.back().copied = copied_rows(term, columns[t], from, to);
      }
    }
    for (const auto& parts : panel.parts)
      for (const PanelPart& part : parts) panel.filled = panel.filled && part.pieces.full;
    if (p.narrow) plan_narrow(p, panel);
    panel.base = pieces_of(p.sum.base_offsets, all, from, to, sizeof(float));
    if (p.eviction) panel.eviction = p.eviction->panel(from, to);
    if (may_finish(p, panel)) panel.floor = p.eviction->floor(panel.eviction);
    p.panels.push_back(std::move(panel));
  }
}

}  // namespace

void plan_panels(PlannedProduct& p) {
  Offsets offsets, columns;
  for (const Term& t : p.sum.terms) {
    offsets.push_back(offsets_of(t.moving));
    columns.push_back(columns_in(p.sum, t.to));
  }
  if (may_stand_alone(p)) plan_images(p, offsets, columns);
  for (Image& image : p.images) {
    image.first_panel = static_cast<unsigned>(p.panels.size());
    append_panels(p, offsets, columns, image.begin, image.end);
    image.last_panel = static_cast<unsigned>(p.panels.size());
  }
  if (p.images.empty()) append_panels(p, offsets, columns, 0, p.sum.base.count);
}

bool Weights::operator==(const Weights& o) const {
  return same_place(view, o.view) && rows == o.rows && first == o.first && columns == o.columns &&
         pass == o.pass && constant == o.constant && made_by == o.made_by;
}

std::vector<std::int32_t> columns_in(const Sum& sum, const View& to) {
  const View& base = sum.base;
  if (to.partitions != base.partitions || to.type != base.type) return {};
  if (to.at == base.at && to.steps == base.steps && to.nums == base.nums) return iota(to.count);
  if (!base.dense) return {};
  auto out = offsets_of(to);
  for (std::int32_t& o : out) {
    o += static_cast<std::int32_t>(to.at) - static_cast<std::int32_t>(base.at);
    if (o < 0 || o % 4 != 0 || o / 4 >= static_cast<std::int32_t>(base.count)) return {};
    o /= 4;
  }
  return out;
}

std::string shown(const PlannedProduct& p, const Links& eviction) {
  std::string then;
  for (const Link& link : eviction) then += ", then " + shown(link.op);
  if (std::ranges::any_of(p.panels, [](const Panel& panel) { return panel.floor.has_value(); }))
    then += " in tiles";
  unsigned rows = 0;
  for (const Term& t : p.sum.terms) rows += t.weights.rows;
  const std::size_t each = p.images.empty() ? 1 : p.storage->behind.size();
  const std::string shared = each > 1 ? fmt::format(", {} rows a column", each) : "";
  const char* kind = !p.images.empty() ? "depthwise product"
                     : p.narrow        ? "narrow product"
                                       : "product";
  const bool copied = p.may_gather() && std::ranges::any_of(p.sum.terms, [](const Term& t) {
                        return t.copied != nullptr;
                      });
  return fmt::format("{}{}, {} terms of {} rows, {} weights' columns, {} move{}{}{}{}{}", kind,
                     p.constant ? " of constants" : "", p.sum.terms.size(), rows, p.columns,
                     p.sum.base.count, shared, copied ? " without copies" : "",
                     p.storage && p.storage->sparse ? ", sparse" : "", p.keep ? ", kept" : "",
                     then);
}

namespace {

/// Packs weights before the product, unless they are still packed for the one before.
void pack_at_run(Plan& plan, Packings& packings, const std::shared_ptr<PlannedProduct>& p,
                 double cost) {
  std::vector<Weights> wanted;
  for (const Term& t : p->sum.terms) wanted.push_back(t.weights);
  if (!plan.packed) plan.packed = std::make_shared<PackedWeights>();
  p->storage = plan.packed;
  if (wanted == packings.last) return;
  if (plan.packed->values.size() < p->packed) plan.packed->values.resize(p->packed);
  if (plan.packed->finite.size() < wanted.size()) plan.packed->finite.resize(wanted.size());
  plan.kernels.push_back({[p](const Memory& m, Worker&, unsigned begin, unsigned end) {
                            pack_terms(*p, m, begin, end);
                          },
                          static_cast<unsigned>(wanted.size()), cost,
                          fmt::format("packing of weights, {} terms", wanted.size())});
  const bool made = std::ranges::any_of(wanted, [](const Weights& w) { return w.made_by; });
  packings.last = made ? std::vector<Weights>() : std::move(wanted);
}

}  // namespace

void Packings::forget(const Region& region) {
  if (std::ranges::any_of(last,
                          [&](const Weights& w) { return region_of(w.view).overlaps(region); }))
    last.clear();
}
void Packings::pass(std::size_t begin, std::size_t end, const Touches& touches) {
  constexpr std::size_t kClose = 8;  ///< kernels behind a product
  if (!drafts.empty() && end - drafts.back().kernel <= kClose)
    passed.push_back({begin, end, touches});
}

void add_product(Plan& plan, Packings& packings, Sum sum, const Links& eviction, bool keep,
                 Touches touches) {
  auto p = std::make_shared<PlannedProduct>();
  p->columns = sum.base.partitions;
  p->blocks = (p->columns + kPackColumns - 1) / kPackColumns;
  p->sum = std::move(sum);
  p->keep = keep;
  if (!eviction.empty()) p->eviction = std::make_unique<Chain>(eviction);
  plan_chunks(*p);
  p->constant = share_constants(*p, packings);
  double work = 0;
  for (const Term& t : p->sum.terms) work += t.weights.rows * p->columns;
  if (!p->constant) {
    p->narrow = is_narrow(*p, false);
    if (!p->narrow) pack_at_run(plan, packings, p, work / 8);
  }
  const double cost = work * p->sum.base.count / 100;
  packings.drafts.push_back({p, std::move(touches), eviction, plan.kernels.size(), cost});
  plan.kernels.emplace_back();
}

}  // namespace neuron::sim
