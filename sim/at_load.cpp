// SPDX-License-Identifier: Apache-2.0
// What comes to SBUF at load stays there only if nothing else writes to it.
#include <algorithm>
#include <map>

#include "sim/access.h"
#include "sim/plan/region.h"

namespace neuron::sim {
namespace {

/// Bytes of all partitions that are spoken for, as ranges of rows that neither overlap nor touch.
class Kept {
 public:
  void add(const Region& r) {
    auto begin = r.begin, end = r.end;
    auto at = ranges_.lower_bound(begin);  // by their ends
    while (at != ranges_.end() && at->second <= end) {
      begin = std::min(begin, at->second);
      end = std::max(end, at->first);
      at = ranges_.erase(at);
    }
    ranges_.emplace(end, begin);
  }
  bool overlaps(const Region& r) const {
    const auto at = ranges_.upper_bound(r.begin);
    return at != ranges_.end() && at->second < r.end;
  }

 private:
  std::map<std::uint32_t, std::uint32_t> ranges_;  ///< end to begin
};

class Checker {
 public:
  explicit Checker(const Loaded& loaded) : loaded_(loaded), program_(loaded.program) {}

  Result<> run() {
    for (const std::size_t i : loaded_.at_load) TRY(add(loaded_.transfers[i]).within(text_of(i)));
    for (std::size_t i = 0; i < loaded_.transfers.size(); ++i)
      if (!loaded_.transfers[i].at_load) TRY(check(loaded_.transfers[i]).within(text_of(i)));
    for (int e = 0; e < isa::kEngines; ++e)
      for (std::size_t pc = 0; pc < loaded_.steps[e].size(); ++pc)
        for (const Access& a : accesses_of(loaded_.steps[e][pc].op))
          if (a.writes && kept_.overlaps(region_of(a.view)))
            return fail(Code::Malformed, "{} pc {} writes to SBUF that was filled at load",
                        isa::info(static_cast<isa::Engine>(e)).shown, pc);
    return {};
  }

 private:
  bool lies(const Side& side, Storage storage) const {
    return program_.variables[side.variable.value].storage == storage;
  }
  std::string text_of(std::size_t transfer) const {
    const Transfer& t = loaded_.transfers[transfer];
    return fmt::format("transfer {} of queue {}", t.id, program_.queues[t.queue.value].name);
  }

  Result<> add(const Transfer& t) {
    for (const Descriptor& d : t.descriptors) {
      const bool copies = d.op == DmaOp::Copy && d.from.size() == 1 && !t.collective;
      if (!copies || !lies(d.from[0], Storage::Device) || !lies(d.to, Storage::Local))
        return fail(Code::Malformed, "at load, bytes are copied from device memory to SBUF only");
      const Touch touch = touch_of(d.to, true);
      if (d.to.offset >= isa::kPsumBase)
        return fail(Code::Malformed, "at load, bytes are copied to SBUF only, not to PSUM");
      kept_.add(touch.region);
      sources_.push_back(d.from[0].variable);
    }
    return {};
  }

  Result<> check(const Transfer& t) const {
    for (const Descriptor& d : t.descriptors) {
      if (lies(d.to, Storage::Local) && kept_.overlaps(touch_of(d.to, true).region))
        return fail(Code::Malformed, "writes to SBUF that was filled at load");
      const bool source = std::any_of(sources_.begin(), sources_.end(), [&](VariableId id) {
        return id.value == d.to.variable.value;
      });
      if (source)
        return fail(Code::Malformed, "writes to {}, which was read at load",
                    program_.variables[d.to.variable.value].name);
    }
    return {};
  }

  const Loaded& loaded_;
  const Program& program_;
  Kept kept_;
  std::vector<VariableId> sources_;
};

}  // namespace

Result<> check_at_load(const Loaded& loaded) {
  if (loaded.at_load.empty()) return {};
  if (loaded.needs_peer)
    return fail(Code::UnsupportedVersion,
                "transfers at load beside another core that may write here are not supported");
  return Checker(loaded).run();
}

}  // namespace neuron::sim
