// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "sim/plan/late.h"
#include "sim/plan/lives.h"

/// Elementwise instructions done before their time: those that read what a product has just left
/// take it from its tiles, column by column. One that reads what several products left is done by
/// each of them in its own columns.
namespace neuron::sim {

/// Columns [begin, end) of a view, in the order of its elements.
struct Columns {
  std::uint32_t begin, end;
};

class Ahead {
 public:
  /// All of these outlive it. Instructions that are done in part are kept in `parts`.
  Ahead(const std::vector<Event>& order, const std::vector<Touches>& touches, const Lives& lives,
        std::deque<bound::Operation>& parts)
      : order_(order), touches_(touches), lives_(lives), parts_(parts) {}

  /// Makes links of what may be done behind those of `w`, whose last one is event `at`; tells what
  /// they touch. `needed`: whether somebody reads a place from an event on.
  using Needed = std::function<bool(const Region& place, std::size_t event)>;
  Touches extend(Waiting& w, std::size_t at, const Needed& needed);

  /// Event `event`, if it may as well come before event `at` and has not been done in part.
  std::optional<Elementwise> early(std::size_t event, std::size_t at) const;
  /// Notes that all of it has been done.
  void mark(std::size_t event);

  /// The columns of event `at` that have not been done; nothing if none has.
  std::optional<std::vector<Columns>> left(std::size_t at) const;
  /// These columns of `op` alone.
  const bound::Operation& part_of(const bound::Operation& op, Columns columns);

 private:
  struct Candidate {
    std::size_t event;
    Columns columns;
    Link link;
  };
  std::optional<Candidate> next(const Links& links, std::size_t last);
  Touches others_of(const Candidate& c) const;
  bool commutes(const Touch& t, std::size_t at, std::span<const Candidate> done) const;

  const std::vector<Event>& order_;
  const std::vector<Touches>& touches_;
  const Lives& lives_;
  std::deque<bound::Operation>& parts_;
  std::map<std::size_t, std::vector<Columns>> done_;  ///< of each event
};

}  // namespace neuron::sim
