// SPDX-License-Identifier: Apache-2.0
// From events to kernels. Products wait, so that what sums in one place becomes one product, until
// an event touches their place in PSUM or overwrites what they read. The first to read a whole sum
// is done together with it, and so is what follows on the same elements.
#include "sim/plan/build.h"

#include <algorithm>
#include <list>

#include "sim/ops/prelude.h"
#include "sim/plan/ahead.h"
#include "sim/plan/array.h"
#include "sim/plan/copies.h"
#include "sim/plan/late.h"
#include "sim/plan/lives.h"
#include "sim/plan/moves.h"
#include "sim/plan/panels.h"
#include "sim/plan/region.h"
#include "sim/plan/rows.h"
#include "sim/plan/shown.h"
#include "sim/plan/terms.h"

namespace neuron::sim {
namespace {

template <class Op>
concept NoValues = std::is_same_v<Op, std::monostate> ||
    std::is_same_v<Op, bound::event_semaphore> || std::is_same_v<Op, bound::nop> ||
    std::is_same_v<Op, bound::notify> || std::is_same_v<Op, bound::set_ordering_mode> ||
    std::is_same_v<Op, bound::start_marker> || std::is_same_v<Op, bound::act_table_load> ||
    std::is_same_v<Op, bound::pseudo_dma_trigger> || std::is_same_v<Op, bound::pseudo_dma_direct2d>;

constexpr std::size_t kManyPages = 1500;  ///< that cost more faults than huge ones

/// A sum that waits.
struct Pending {
  Sum sum;
  Region place;
  std::vector<Region> sources;
  std::vector<Region> copied;  ///< what moving rows were copied from; may be read in their stead
  bool reads(const Region& r) const { return overlaps(sources, r); }
};

class Builder {
 public:
  Builder(Plan& plan, std::span<const ByteView> constants)
      : plan_(plan),
        origins_(plan.loaded, constants),
        copies_(plan.loaded, constants),
        late_([this](Waiting w) { emit(std::move(w), at_); }),
        ahead_(order_, touches_, lives_, plan.parts) {}

  Result<> run() {
    order_ = TRY(order_of(plan_.loaded));
    uses_ = uses_of(order_);
    for (const auto& [product, load] : uses_.weights) last_use_[load] = nullptr;
    for (const Event& event : order_) {
      touches_.push_back(touches_of(event, plan_.loaded.program));
      if (!event.step) continue;
      const auto* product = std::get_if<bound::matmul>(&event.step->op);
      if (product && uses_.clear) last_use_[uses_.weights.at(product)] = product;
    }
    lives_ = Lives(touches_);
    plan_.fills_sbuf = sbuf_pages(touches_) > kManyPages;
    for (at_ = 0; at_ < order_.size(); ++at_) {
      const Event& event = order_[at_];
      evict_early();
      if (event.step) {
        const auto left = ahead_.left(at_);
        left ? rest(event.step->op, *left) : instruction(event.step->op);
        continue;
      }
      late_.settle(touches());
      event.rows ? find_and_move(*event.rows, *event.transfer) : transfer(*event.transfer);
    }
    while (!pending_.empty()) flush(pending_.begin());
    late_.settle_all();
    finish_products(plan_, packings_);
    drop_loads();
    return {};
  }

 private:
  using At = std::list<Pending>::iterator;
  const Touches& touches() const { return touches_[at_]; }

  void transfer(const Transfer& t) {
    const auto copies = copies_.copies_of(t);
    make_room(nullptr, !copies.empty());
    note_reads();
    append(kernels_of(t));
    const auto [begin, end] = transfers_.back();
    if (!copies.empty()) copies_.arrive(copies, touches(), begin, end);
    origins_.arrive(t, transfers_.size() - 1);
  }
  void find_and_move(const bound::dma_indirect& in, const Transfer& t) {
    make_room();
    note_reads();
    append({kernel_of(in, t, plan_.loaded.program)});
    origins_.arrive(t, transfers_.size() - 1, false);
  }
  void append(std::vector<Kernel> kernels) {
    const std::size_t first = plan_.kernels.size();
    std::ranges::move(kernels, std::back_inserter(plan_.kernels));
    transfers_.emplace_back(first, plan_.kernels.size());
    packings_.pass(first, plan_.kernels.size(), touches());
  }
  /// Constants that came to SBUF for the tensor engine alone need not come, nor copies of what it
  /// may read as well.
  void drop_loads() {
    for (const Draft& draft : packings_.drafts)
      for (const Term& t : draft.product->sum.terms)
        if (t.copied && !draft.product->may_gather()) copies_.need(*t.copied);
    for (const auto& [begin, end] : copies_.spared())
      for (std::size_t k = begin; k < end; ++k) plan_.kernels[k].run = nullptr;
    for (std::size_t id = 0; id < transfers_.size(); ++id)
      for (std::size_t k = transfers_[id].first; k < transfers_[id].second; ++k)
        if (!origins_.needed(id)) plan_.kernels[k].run = nullptr;
    std::erase_if(plan_.kernels, [](const Kernel& k) { return !k.run; });
  }
  void note_reads() { note_reads(touches()); }
  void note_reads(const Touches& touches) {
    for (const Touch& t : touches)
      if (!t.write) read(t.region);
  }
  void read(const Region& region) {
    origins_.read(region);
    copies_.read(region);
  }

  void instruction(const bound::Operation& any) {
    const auto* load = std::get_if<bound::ldweights>(&any);
    if (load) return this->load(*load);  // read when it is used
    const auto elementwise = elementwise_of(any);
    if (elementwise && follow(*elementwise)) return;
    late_.settle(touches());
    if (const auto* product = std::get_if<bound::matmul>(&any)) return multiply(*product);
    if (elementwise && evict(*elementwise)) return note_reads();
    note_reads();
    const auto* clear = std::get_if<bound::memset>(&any);
    const bool zeros = clear && Copies::is_zero(*clear);
    make_room(nullptr, zeros);
    std::visit([&](const auto& op) { replay(op); }, any);
    if (zeros) copies_.clear(*clear, plan_.kernels.size() - 1);
  }
  /// These columns of an instruction whose others have been done.
  void rest(const bound::Operation& any, const std::vector<Columns>& left) {
    if (left.empty()) return;
    note_reads();
    make_room();
    for (const Columns columns : left) {
      late_.settle(touches());
      std::visit([&](const auto& op) { replay(op); }, ahead_.part_of(any, columns));
    }
  }
  /// Joins an instruction to what waits and writes what it reads, if no sum goes before it.
  bool follow(const Elementwise& op) {
    const auto has_sum = [&](const Pending& p) { return side_of(op, p.sum.base) != kNone; };
    if (std::ranges::any_of(pending_, has_sum)) return false;
    // Loading weights that it overwrites may end the waiting of what it would follow.
    for (const Touch& t : touches())
      if (t.write) save_weights(t.region);
    const Waiting* home = late_.follow(op, touches());
    if (!home) return false;
    late_.settle(touches(), home);
    note_reads();
    make_room();
    wait(home);
    return true;
  }
  /// Lets what has just been done wait if what reads its result next may join it.
  void wait(const Waiting* w) {
    const View& result = result_of(w->links.back().op);
    const std::size_t next = lives_.next(region_of(result), std::max(at_ + 1, w->next));
    const Step* step = next < order_.size() ? order_[next].step : nullptr;
    const auto reader = step ? elementwise_of(step->op) : std::nullopt;
    if (!reader || side_of(*reader, result) == kNone) emit(late_.take(w), at_ + 1);
  }
  /// What has waited becomes kernels. Who still reads its results does so from event `next` on.
  void emit(Waiting w, std::size_t next) {
    next = std::max(next, w.next);
    keep_needed(w.links, [&](const Region& place) { return needed(place, next); });
    if (w.sum)
      return add_product(plan_, packings_, std::move(*w.sum), w.links, w.keep_sum,
                         std::move(w.touches));
    packings_.pass(plan_.kernels.size(), plan_.kernels.size() + 1, w.touches);
    plan_.kernels.push_back(w.links.size() == 1 ? std::move(w.alone) : chain_kernel(w.links));
  }
  bool needed(const Region& place, std::size_t event) const {
    return stands_in_array(place) || !lives_.dies(place, event);
  }
  bool stands_in_array(const Region& place) const {
    return std::ranges::any_of(
        array_, [&](const bound::ldweights* load) { return region_of(load->src).overlaps(place); });
  }
  template <class Op>
  void replay(const Op& op) {
    if constexpr (requires { row_kernel(op); }) {
      Kernel kernel = row_kernel(op);
      kernel.what = shown(op);
      if (kernel.run) return by_rows(op, std::move(kernel));
    }
    if constexpr (!NoValues<Op>) {
      plan_.kernels.push_back(
          {[&op](const Memory&, Worker& w, unsigned, unsigned) { execute(*w.machine, op); }, 1, 0,
           "as the reference " + shown(op)});
    }
  }

  template <class Op>
  void by_rows(const Op& op, Kernel kernel) {
    if constexpr (std::is_constructible_v<Elementwise, const Op*>) {
      const auto* w = late_.add({{}, false, {}, {link_of(&op)}, std::move(kernel), touches()});
      // What these wait for may do them on its way.
      if constexpr (!std::is_same_v<Op, bound::tensor_scalar>) wait(w);
    } else {
      packings_.pass(plan_.kernels.size(), plan_.kernels.size() + 1, touches());
      plan_.kernels.push_back(std::move(kernel));
    }
  }

  // ---- what waits

  static Touches touches_of_sum(const Pending& p) {
    Touches all{{p.place, true, false}};
    for (const Region& source : p.sources) all.push_back({source, false, false});
    for (const Region& source : p.copied) all.push_back({source, false, false});
    return all;
  }
  void flush(At at) {
    add_product(plan_, packings_, std::move(at->sum), {}, true, touches_of_sum(*at));
    pending_.erase(at);
  }
  /// Emits all that waits and must not wait longer than the current event, but for `spared`.
  /// `copies`: what it writes are copies, which are noted as such.
  void make_room(const Pending* spared = nullptr, bool copies = false) {
    make_room(touches(), spared, copies);
  }
  void make_room(const Touches& touches, const Pending* spared = nullptr, bool copies = false) {
    for (auto p = pending_.begin(); p != pending_.end();) {
      const auto now = p++;
      const bool hit = std::any_of(touches.begin(), touches.end(), [&](const Touch& t) {
        return t.region.overlaps(now->place) || (t.write && now->reads(t.region));
      });
      if (hit && &*now != spared)
        flush(now);
      else
        keep_copies(*now, touches);
    }
    for (const Touch& t : touches) {
      if (!t.write) continue;
      save_weights(t.region);
      packings_.forget(t.region);
      origins_.write(t);
      if (!copies) copies_.write(t);
    }
  }
  /// What moving rows were copied from may be gone before the sum is done: then the copies stay.
  void keep_copies(Pending& p, const Touches& touches) {
    if (std::ranges::none_of(
            touches, [&](const Touch& t) { return t.write && overlaps(p.copied, t.region); }))
      return;
    for (Term& t : p.sum.terms)
      if (t.copied) copies_.need(*std::exchange(t.copied, nullptr));
    p.copied.clear();
  }
  /// Weights that stand in the array and are still to be used, but whose source goes: loaded the
  /// reference's way.
  void save_weights(const Region& written) {
    std::erase_if(array_, [&](const bound::ldweights* load) {
      if (!region_of(load->src).overlaps(written)) return false;
      load_now(*load);
      saved_.push_back(load);
      return true;
    });
  }

  // ---- products

  /// Loads weights the reference's way.
  void load_now(const bound::ldweights& op) {
    settle(region_of(op.src));
    read(region_of(op.src));
    replay(op);
  }
  /// What is to be read now must be there.
  void settle(const Region& source) { late_.settle({{source, false, false}}); }

  void load(const bound::ldweights& op) {
    if (!uses_.clear) return load_now(op);
    if (const auto used = last_use_.find(&op); used != last_use_.end()) array_.push_back(&op);
  }

  void multiply(const bound::matmul& op) {
    if (!uses_.clear) {
      note_reads();
      make_room();
      return replay(op);
    }
    const bound::ldweights* load = uses_.weights.at(&op);
    const bool saved = std::find(saved_.begin(), saved_.end(), load) != saved_.end();
    if (saved || op.transpose || op.dst.type != DType::Float32) {
      note_reads();
      make_room();
      if (!saved) load_now(*load);
      replay(op);
    } else {
      add_term(op, *load);
    }
    if (last_use_.at(load) == &op) std::erase(array_, load);
  }

  void add_term(const bound::matmul& op, const bound::ldweights& load) {
    Term term{weights_of(op, load),
              op.src,
              {},
              op.src.type == DType::Float32 && op.fp32_mode == kHigh,
              op.dst};
    term.weights.constant = constant_at(term.weights.view);
    term.constant = constant_at(term.moving);
    term.weights.made_by = maker_of(op, load, term.weights);
    if (!term.weights.made_by) settle(region_of(term.weights.view));
    Pending& home = home_of(op, term);
    if (term.weights.made_by) {
      for (const Touch& t : late_.drop(*term.weights.made_by))
        if (!t.write) needs(home, t.region);
    } else if (!term.weights.constant) {
      needs(home, region_of(term.weights.view));
    }
    if (!term.constant) term.copied = copies_.find(term.moving);
    if (term.copied)
      needs_copied(home, term);
    else if (!term.constant)
      needs(home, region_of(term.moving));
    if (!merge_halves(home.sum, term)) home.sum.terms.push_back(std::move(term));
  }
  void needs(Pending& home, const Region& source) {
    home.sources.push_back(source);
    read(source);
  }
  /// It may read either the copies or what they were made of.
  void needs_copied(Pending& home, const Term& term) {
    home.sources.push_back(region_of(term.moving));
    origins_.read(home.sources.back());
    for (const Region& source : term.copied->sources) {
      home.copied.push_back(source);
      read(source);
    }
  }

  /// What is still to write the weights that `load` brought, for `op` alone; null if nothing is.
  const bound::tensor_scalar* maker_of(const bound::matmul& op, const bound::ldweights& load,
                                       const Weights& w) const {
    const Region place = region_of(w.view);
    const auto* maker = late_.find(place);
    const auto overlaps = [&](const bound::ldweights* other) {
      return other != &load && region_of(other->src).overlaps(place);
    };
    const bool alone =
        last_use_.at(&load) == &op && std::none_of(array_.begin(), array_.end(), overlaps);
    return maker && alone && makes(*maker, w) && lives_.dies(place, at_ + 1) ? maker : nullptr;
  }

  /// The sum that `term` is a part of.
  Pending& home_of(const bound::matmul& op, const Term& term) {
    const bool begins = op.acc_flags & kOverwrite;
    const Region place = region_of(op.dst);
    const auto home = std::ranges::find_if(pending_, [&](const Pending& p) {
      return !begins && p.place.overlaps(place) && !columns_in(p.sum, op.dst).empty();
    });
    make_room(home != pending_.end() ? &*home : nullptr);
    if (home != pending_.end()) {
      if (!is_long(home->sum, term)) return *home;
      flush(home);
    }
    Pending& p = pending_.emplace_back();
    p.sum.base = op.dst;
    p.sum.accumulate = !begins;
    p.sum.base_offsets = offsets_of(op.dst);
    p.place = place;
    return p;
  }
  ConstantRows constant_at(const View& v) const {
    const Region r = region_of(v);
    ConstantRows rows = origins_.find(r);
    // The first element need not be the lowest.
    if (rows) rows.data += v.at % isa::kPartitionStride - r.begin % isa::kPartitionStride;
    return rows;
  }

  // ---- evictions

  bool evict(const Elementwise& op) {
    const auto found = std::ranges::find_if(
        pending_, [&](const Pending& p) { return side_of(op, p.sum.base) != kNone; });
    if (found == pending_.end() || !separate(op, *found, touches())) return false;
    Waiting w = evict(op, found, at_);
    const Touches more = ahead_.extend(
        w, at_, [&](const Region& place, std::size_t event) { return needed(place, event); });
    late_.settle(more);
    note_reads(more);
    make_room(more);
    wait(late_.add(std::move(w)));
    return true;
  }
  /// The sum and `op`, event `event`, which takes it away.
  Waiting evict(const Elementwise& op, At found, std::size_t event) {
    const Touches& touches = touches_[event];
    make_room(touches, &*found);
    Link link = link_of(op);
    link.from[static_cast<std::size_t>(side_of(op, found->sum.base))] = kSum;
    const bool keep = !lives_.dies(found->place, event + 1);
    Waiting w{std::move(found->sum), keep, touches_of_sum(*found), {link}, {}, {}};
    w.touches = w.product;
    w.touches.insert(w.touches.end(), touches.begin(), touches.end());
    pending_.erase(found);
    return w;
  }
  /// The event that takes a sum away, if it may as well come now.
  std::optional<std::size_t> early_eviction(const Pending& p) const {
    const std::size_t event = lives_.next(p.place, at_);
    const auto op = ahead_.early(event, at_);
    const bool evicts = op && side_of(*op, p.sum.base) != kNone;
    return evicts && separate(*op, p, touches_[event]) ? std::optional(event) : std::nullopt;
  }
  /// Sums that read what others were copied from, where that is about to change, are taken away
  /// before their time.
  void evict_early() {
    const auto changes = [&](const Pending& p) {
      return std::ranges::any_of(
          touches(), [&](const Touch& t) { return t.write && overlaps(p.copied, t.region); });
    };
    for (;;) {
      std::optional<std::size_t> event;
      const auto found = std::ranges::find_if(
          pending_, [&](const Pending& p) { return changes(p) && (event = early_eviction(p)); });
      if (found == pending_.end()) return;
      late_.settle(touches_[*event]);
      note_reads(touches_[*event]);
      Waiting w = evict(*elementwise_of(order_[*event].step->op), found, *event);
      w.next = *event + 1;
      ahead_.mark(*event);
      wait(late_.add(std::move(w)));
    }
  }
  /// Whether panel after panel gives the same as row after row: what is written is written once,
  /// and neither read by the sum nor, at other elements, by the instruction itself.
  static bool separate(const Elementwise& op, const Pending& p, const Touches& touches) {
    const View& result = result_of(op);
    const Region to = region_of(result);
    if (to.overlaps(p.place) || p.reads(to) || result.partitions != p.sum.base.partitions ||
        repeats(result))
      return false;
    const bool updates = operands_of(op)[1] && side_of(op, result) != kNone;
    int reads = 0;
    for (const Touch& t : touches) {
      if (t.write) continue;
      reads += t.region.overlaps(p.place);
      if (t.region.overlaps(to) && !updates) return false;
    }
    return reads == 1;
  }

  Plan& plan_;
  Origins origins_;
  Copies copies_;
  Late late_;
  Ahead ahead_;
  Packings packings_;
  std::vector<std::pair<std::size_t, std::size_t>> transfers_;  ///< their kernels in the plan
  std::vector<Event> order_;
  std::vector<Touches> touches_;
  Lives lives_;
  std::size_t at_ = 0;
  Uses uses_;
  std::map<const bound::ldweights*, const bound::matmul*> last_use_;
  std::vector<const bound::ldweights*> array_, saved_;
  std::list<Pending> pending_;
};

}  // namespace

Result<> build_kernels(Plan& plan, std::span<const ByteView> constants) {
  return Builder(plan, constants).run();
}

}  // namespace neuron::sim
