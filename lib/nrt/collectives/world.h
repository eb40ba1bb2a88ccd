// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "nrt/collectives/fabric.h"
#include "nrt/collectives/root.h"

/// The ranks that compute together, seen from one of them: who they are, whether they live.
namespace neuron::nrt::cc {

/// Some ranks in the order that operations give them. Streams are queues whose operations run
/// beside those of others; each has up to 7 of them.
struct Group {
  std::vector<std::uint32_t> ranks;
  std::uint32_t index = 0;  ///< where in `ranks` this one stands
  std::uint32_t stream = 0;

  std::uint32_t size() const { return static_cast<std::uint32_t>(ranks.size()); }
  /// The member that many places on, and that many back: everybody begins with another.
  std::uint32_t behind(std::uint32_t places) const { return (index + places) % size(); }
  std::uint32_t before(std::uint32_t places) const { return (index + size() - places) % size(); }
  /// The same on all its ranks, and no other group's.
  std::string key() const;
};

class World {
 public:
  struct Place {
    std::uint32_t rank = 0, ranks = 1;
    RootId root;
    int timeout = 60;  ///< seconds: to meet, and without any progress of an operation
  };
  /// Begins to meet the others, in a thread of its own: ranks of one process may be opened one
  /// after the other.
  static std::shared_ptr<World> open(Place place);
  ~World();
  World(const World&) = delete;

  std::uint32_t rank() const { return place_.rank; }
  std::uint32_t ranks() const { return place_.ranks; }
  int timeout() const { return place_.timeout; }
  bool is_broken() const;
  /// Waits until all ranks are here.
  Result<> ready();
  /// All ranks.
  Group everybody(std::uint32_t stream) const;
  /// "rank 3 (host b, process 1234)".
  std::string name_of(std::uint32_t rank) const;
  Fabric& fabric() { return *fabric_; }

  /// The number of the next operation of a group on a stream, the same on all its ranks.
  std::uint64_t next_sequence(const Group& group);
  /// Hears what rank 0 tells; the descriptor that becomes readable then.
  void listen();
  int news_fd() const { return news_fd_; }
  /// Why a rank is not there any more, if that is known.
  std::optional<std::string> fate_of(std::uint32_t rank) const;
  /// Why an operation of these ranks cannot end any more, if that is known.
  std::optional<std::string> trouble(const Group& group) const;
  /// Asks who is missing in an operation; the answer comes with listen().
  void ask_missing(const Group& group, std::uint64_t sequence);
  std::optional<std::set<std::uint32_t>> missing() const;
  /// Ends everything: operations fail from now on, with the status of a broken collective.
  Error break_off(std::string why);

 private:
  struct Member {
    std::string host;
    std::int64_t process = 0;
    std::string gone;  ///< why it is not there any more
    bool has_left = false;
    std::uint64_t left_ms = 0;
  };
  explicit World(Place place) : place_(std::move(place)) {}
  Result<> meet();
  Result<Json> hear();
  Result<> learn();
  Result<> take_table(const Json& table);
  void take(const Json& line);

  const Place place_;
  mutable std::mutex guard_;
  Wire wire_;
  std::atomic<int> news_fd_{-1};
  std::atomic<bool> stops_{false};
  std::unique_ptr<Fabric> fabric_;
  std::vector<Member> members_;
  std::map<std::vector<std::uint32_t>, std::array<std::uint64_t, 8>> sequences_;  ///< by stream
  std::optional<std::set<std::uint32_t>> missing_;
  std::string broken_;  ///< why; empty while it is whole
  std::shared_future<Result<>> met_;
  std::thread thread_;
};

}  // namespace neuron::nrt::cc
