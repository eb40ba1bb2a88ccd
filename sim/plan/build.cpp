// SPDX-License-Identifier: Apache-2.0
// From events to kernels. Products wait, so that what sums in one place becomes one product, until
// an event touches their place in PSUM or overwrites what they read. The first to read a whole sum
// is done together with it.
#include "sim/plan/build.h"

#include <algorithm>
#include <deque>

#include "sim/ops/prelude.h"
#include "sim/plan/array.h"
#include "sim/plan/late.h"
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

/// A sum that waits.
struct Pending {
  Sum sum;
  Region place;
  std::vector<Region> sources;
  bool reads(const Region& r) const {
    return std::any_of(sources.begin(), sources.end(),
                       [&](const Region& s) { return s.overlaps(r); });
  }
};

class Builder {
 public:
  Builder(Plan& plan, std::span<const ByteView> constants)
      : plan_(plan), origins_(plan.loaded, constants) {}

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
    for (at_ = 0; at_ < order_.size(); ++at_) {
      const Event& event = order_[at_];
      const bool loads = event.step && std::holds_alternative<bound::ldweights>(event.step->op);
      if (!loads) late_.settle(touches(), plan_.kernels);  // weights are read when they are used
      if (event.transfer)
        event.rows ? find_and_move(*event.rows, *event.transfer) : transfer(*event.transfer);
      else
        std::visit([&](const auto& op) { instruction(op); }, event.step->op);
    }
    while (!pending_.empty()) flush(pending_.begin());
    late_.settle_all(plan_.kernels);
    finish_products(plan_, packings_);
    drop_loads();
    return {};
  }

 private:
  using At = std::deque<Pending>::iterator;
  const Touches& touches() const { return touches_[at_]; }

  void transfer(const Transfer& t) {
    make_room();
    note_reads();
    const std::size_t id = transfers_.size();
    const std::size_t first = plan_.kernels.size();
    if (t.collective) {
      plan_.kernels.push_back({[&t](const Memory& m, Worker&, unsigned, unsigned) {
        *m.failure = run_collective(t, m.variables, m.port);
      }});
      transfers_.emplace_back(first, plan_.kernels.size());
      return origins_.arrive(t, id);
    }
    for (Move& move : moves_of(t)) plan_.kernels.push_back(move_kernel(std::move(move)));
    if (plan_.kernels.size() == first)
      plan_.kernels.push_back(
          {[&t](const Memory& m, Worker&, unsigned, unsigned) { run_transfer(t, m.variables); }});
    transfers_.emplace_back(first, plan_.kernels.size());
    origins_.arrive(t, id);
  }
  void find_and_move(const bound::dma_indirect& in, const Transfer& t) {
    make_room();
    note_reads();
    const auto first = plan_.kernels.size();
    plan_.kernels.push_back({[&in, &t, &program = plan_.loaded.program](const Memory& m, Worker& w,
                                                                        unsigned, unsigned) {
      Transfer found = t;
      auto rows = find_rows(in, w.machine->memory, program, found);
      if (rows)
        run_transfer(found, m.variables);
      else
        *m.failure = std::move(rows).error().within("DMA_INDIRECT");
    }});
    origins_.arrive(t, transfers_.size(), false);
    transfers_.emplace_back(first, plan_.kernels.size());
  }
  /// Constants that came to SBUF for the tensor engine alone need not come.
  void drop_loads() {
    for (std::size_t id = 0; id < transfers_.size(); ++id)
      for (std::size_t k = transfers_[id].first; k < transfers_[id].second; ++k)
        if (!origins_.needed(id)) plan_.kernels[k].run = nullptr;
    std::erase_if(plan_.kernels, [](const Kernel& k) { return !k.run; });
  }
  void note_reads() {
    for (const Touch& t : touches())
      if (!t.write) origins_.read(t.region);
  }

  template <class Op>
  void instruction(const Op& op) {
    if constexpr (std::is_same_v<Op, bound::ldweights>) {
      load(op);
    } else if constexpr (std::is_same_v<Op, bound::matmul>) {
      multiply(op);
    } else if constexpr (!NoValues<Op>) {
      if constexpr (std::is_constructible_v<Eviction, Op>)
        if (evict(op)) return note_reads();
      note_reads();
      make_room();
      replay(op);
      if constexpr (std::is_same_v<Op, bound::tensor_scalar>) put_off(op);
    }
  }
  /// The kernel just made may wait.
  void put_off(const bound::tensor_scalar& op) {
    late_.add(std::move(plan_.kernels.back()), op, touches());
    plan_.kernels.pop_back();
  }
  template <class Op>
  void replay(const Op& op) {
    if constexpr (requires { row_kernel(op); }) {
      plan_.kernels.push_back(row_kernel(op));
      plan_.kernels.back().what = shown(op);
      if (plan_.kernels.back().run) return;
      plan_.kernels.pop_back();
    }
    if constexpr (!NoValues<Op>)
      plan_.kernels.push_back(
          {[&op](const Memory&, Worker& w, unsigned, unsigned) { execute(*w.machine, op); }, 1, 0,
           "as the reference " + shown(op)});
  }

  // ---- what waits

  void flush(At at, const Eviction& eviction = {}, bool keep = true) {
    Touches all{{at->place, true, false}};
    for (const Region& source : at->sources) all.push_back({source, false, false});
    if (eviction.index() != 0) all.insert(all.end(), touches().begin(), touches().end());
    add_product(plan_, packings_, std::move(at->sum), eviction, keep, std::move(all));
    pending_.erase(at);
  }
  /// Emits all that waits and must not wait longer than the current event, but for `spared`.
  void make_room(const Pending* spared = nullptr) {
    for (std::size_t i = 0; i < pending_.size();) {
      const Pending& p = pending_[i];
      const bool hit = std::any_of(touches().begin(), touches().end(), [&](const Touch& t) {
        return t.region.overlaps(p.place) || (t.write && p.reads(t.region));
      });
      if (hit && &p != spared)
        flush(pending_.begin() + static_cast<std::ptrdiff_t>(i));
      else
        ++i;
    }
    for (const Touch& t : touches()) {
      if (!t.write) continue;
      save_weights(t.region);
      packings_.forget(t.region);
      origins_.write(t);
    }
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
    origins_.read(region_of(op.src));
    replay(op);
  }
  /// What is to be read now must be there.
  void settle(const Region& source) { late_.settle({{source, false, false}}, plan_.kernels); }

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
    if (!term.constant) needs(home, region_of(term.moving));
    if (!merge_halves(home.sum, term)) home.sum.terms.push_back(std::move(term));
  }
  void needs(Pending& home, const Region& source) {
    home.sources.push_back(source);
    origins_.read(source);
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
    return maker && alone && makes(*maker, w) && dies(place) ? maker : nullptr;
  }

  /// The sum that `term` is a part of.
  Pending& home_of(const bound::matmul& op, const Term& term) {
    const bool begins = op.acc_flags & kOverwrite;
    const Region place = region_of(op.dst);
    Pending* home = nullptr;
    for (Pending& p : pending_)
      if (!begins && p.place.overlaps(place) && !columns_in(p.sum, op.dst).empty()) home = &p;
    make_room(home);
    // make_room() moves what waits; a home stays the one that overlaps.
    for (auto p = pending_.begin(); p != pending_.end(); ++p) {
      if (!p->place.overlaps(place)) continue;
      if (!is_long(p->sum, term)) return *p;
      flush(p);
      break;
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

  /// Whether nothing after this event reads what lies in `place`.
  bool dies(const Region& place) const {
    std::vector<Region> left{place};
    for (std::size_t i = at_ + 1; i < order_.size() && !left.empty(); ++i) {
      for (const Touch& t : touches_[i])
        if (!t.write && overlaps(left, t.region)) return false;
      for (const Touch& t : touches_[i])
        if (t.whole) left = without(left, t.region);
      if (left.size() > kMostRests) return false;
    }
    return true;
  }

  static const View* sum_side(const bound::tensor_tensor& op, const View& base) {
    if (same_place(op.lhs, base)) return same_place(op.rhs, base) ? nullptr : &op.lhs;
    return same_place(op.rhs, base) ? &op.rhs : nullptr;
  }
  template <class Op>
  static const View* sum_side(const Op& op, const View& base) {
    return same_place(op.src, base) ? &op.src : nullptr;
  }

  template <class Op>
  bool evict(const Op& op) {
    Pending* found = nullptr;
    for (Pending& p : pending_)
      if (sum_side(op, p.sum.base)) found = &p;
    if (!found || !separate(op, *found)) return false;
    const View base = found->sum.base;
    make_room(found);
    for (auto p = pending_.begin(); p != pending_.end(); ++p)
      if (same_place(p->sum.base, base)) {
        flush(p, Eviction(op), !dies(p->place));
        return true;
      }
    return false;
  }
  /// Whether panel after panel gives the same as row after row: what is written is written once,
  /// and neither read by the sum nor, at other elements, by the instruction itself.
  template <class Op>
  bool separate(const Op& op, const Pending& p) const {
    const Region to = region_of(op.dst);
    if (to.overlaps(p.place) || p.reads(to) || op.dst.partitions != p.sum.base.partitions ||
        repeats(op.dst))
      return false;
    int reads = 0;
    for (const Touch& t : touches()) {
      if (t.write) continue;
      reads += t.region.overlaps(p.place);
      if (t.region.overlaps(to)) {
        if constexpr (requires { op.rhs; })
          if (same_place(op.lhs, op.dst) || same_place(op.rhs, op.dst)) continue;
        return false;
      }
    }
    return reads == 1;
  }

  static constexpr std::size_t kMostRests = 16;  ///< that a place is followed in

  Plan& plan_;
  Origins origins_;
  Late late_;
  Packings packings_;
  std::vector<std::pair<std::size_t, std::size_t>> transfers_;  ///< their kernels in the plan
  std::vector<Event> order_;
  std::vector<Touches> touches_;
  std::size_t at_ = 0;
  Uses uses_;
  std::map<const bound::ldweights*, const bound::matmul*> last_use_;
  std::vector<const bound::ldweights*> array_, saved_;
  std::deque<Pending> pending_;
};

}  // namespace

Result<> build_kernels(Plan& plan, std::span<const ByteView> constants) {
  return Builder(plan, constants).run();
}

}  // namespace neuron::sim
