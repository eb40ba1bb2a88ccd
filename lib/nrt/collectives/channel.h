// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "nrt/collectives/fabric.h"
#include "nrt/collectives/wire.h"

/// Messages in one direction between two logical cores, on this host or two: what
/// nrt_async_sendrecv connects. Nothing waits; who asks how a message went moves it on.
namespace neuron::nrt::cc {

struct ChannelEnds {
  std::string peer;             ///< address of the other host
  int peer_core = 0, core = 0;  ///< as their hosts count logical cores
  bool is_sender = false;
};

struct ChannelMessage;

class Channel {
 public:
  explicit Channel(ChannelEnds ends) : ends_(std::move(ends)) {}
  ~Channel();
  Channel(const Channel&) = delete;

  const ChannelEnds& ends() const { return ends_; }
  /// A sender begins to call the receiver's host at this port.
  void call(int port, int timeout);
  /// A receiver was called: answers, and knows its sender.
  void answer(Wire wire, const std::string& address);
  /// Whether both ends know each other; the reason when they never will.
  Result<bool> is_established() const;
  Fabric& fabric() { return *fabric_; }
  /// The message goes after those that were posted before it.
  void post(ChannelMessage& message) { waiting_.push_back(&message); }
  void forget(ChannelMessage& message) { std::erase(waiting_, &message); }
  /// Moves all its messages on.
  Result<> advance();

 private:
  Result<> meet(int port, int timeout);
  Result<> greet(Wire wire, const std::string& address);
  void conclude(Result<> met);

  const ChannelEnds ends_;
  mutable std::mutex guard_;
  bool is_over_ = false;
  Result<> met_;
  Wire wire_;
  std::unique_ptr<Fabric> fabric_;
  std::deque<ChannelMessage*> waiting_;  ///< the fabric has not taken them yet
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

/// A message on its way through a channel.
struct ChannelMessage {
  ChannelMessage(std::shared_ptr<Channel> through, std::span<std::byte> content)
      : channel(std::move(through)), bytes(content) {
    channel->post(*this);
  }
  ~ChannelMessage() { channel->forget(*this); }
  ChannelMessage(const ChannelMessage&) = delete;

  const std::shared_ptr<Channel> channel;
  const std::span<std::byte> bytes;
  Token token;
  /// Whether it is done; the size is what came.
  Result<bool> is_done(std::size_t& size) const;
};

/// Where senders call for one logical core at one address of this host.
class Doorway {
 public:
  static Result<std::unique_ptr<Doorway>> open(RootId at);
  ~Doorway();
  Doorway(const Doorway&) = delete;
  /// The sender may have called already, or call later.
  void expect(std::shared_ptr<Channel> channel);

 private:
  struct Caller {
    Wire wire;
    std::string address;  ///< of its fabric; empty until it has told
    int core = -1;
  };
  Doorway() = default;
  void serve();
  void hear(Caller& caller);
  void match();

  int listener_ = -1;
  std::atomic<bool> stops_{false};
  std::mutex guard_;
  std::list<std::shared_ptr<Channel>> expected_;
  std::list<Caller> callers_;
  std::thread thread_;
};

}  // namespace neuron::nrt::cc
