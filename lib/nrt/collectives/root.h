// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <list>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "nrt/collectives/wire.h"

/// The meeting place of a world, in the process of rank 0: tells everybody where the others are,
/// then who went away, and who is missing when an operation does not end.
///
///   to it     {"join": RANK, "ranks": N, "host": .., "pid": .., "box": ..}
///             {"address": HEX, "provider": NAME}    then
///             {"late": {"operation": .., "sequence": N, "members": [RANK..]}}    {"bye": true}
///   from it   {"can_share": BOOL} when all have joined: memory
///             {"table": [{"host", "pid", "address", "provider"} by rank]}    {"error": TEXT}
///             {"gone": RANK, "why": TEXT}    {"left": RANK}    {"missing": [RANK..]}
namespace neuron::nrt::cc {

class Root {
 public:
  /// Listens at `id` (port 0: a free one) until all `ranks` came, at most `timeout` seconds.
  static Result<std::unique_ptr<Root>> open(RootId id, std::uint32_t ranks, int timeout);
  ~Root();
  Root(const Root&) = delete;
  const RootId& id() const { return id_; }
  std::uint32_t ranks() const { return ranks_; }
  /// Answers whether ranks may still come.
  bool is_open() const { return !is_complete_ && !is_over_; }

 private:
  struct Guest {
    Wire wire;
    Json joined;  ///< null until it did; its fabric's address comes later
    bool has_address = false;
    std::uint32_t rank = 0;
    bool is_over = false;  ///< said bye, or was refused
    bool is_closed = false;
  };
  struct Late {
    std::uint64_t since_ms = 0;
    std::set<std::uint32_t> members, waiting;
    bool is_answered = false;
  };

  Root() = default;
  void serve();
  void wait_for_lines();
  void read(Guest& guest);
  void take(Guest& guest, const Json& line);
  void join(Guest& guest, const Json& line);
  void tell_boxes();
  void take_address(Guest& guest, const Json& line);
  void refuse(Guest& guest, const std::string& why);
  void late(const Guest& guest, const Json& line);
  void answer_late();
  void give_up();
  void tell_all(const Json& line);
  Guest* guest_of(std::uint32_t rank);

  RootId id_;
  std::uint32_t ranks_ = 0;
  int timeout_ = 0, listener_ = -1, stop_fd_ = -1;
  std::atomic<bool> is_complete_{false}, is_over_{false};
  std::uint64_t until_ms_ = 0;
  std::list<Guest> guests_;
  std::map<std::string, std::map<std::uint32_t, std::uint64_t>> reached_;  ///< by operation, rank
  std::map<std::pair<std::string, std::uint64_t>, Late> late_;
  std::thread thread_;
};

/// "rank 3", "ranks 1, 2 and 5"; long lists are cut.
std::string text_of_ranks(const std::set<std::uint32_t>& ranks);

}  // namespace neuron::nrt::cc
