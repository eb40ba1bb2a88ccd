// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <deque>
#include <optional>

#include "nrt/collectives/world.h"

/// The messages of one rank in one operation of a group. Members are named by their index in the
/// group; messages between two of them arrive in the order in which they were sent.
///   Exchange exchange(world, group, "all_gather");
///   TRY(exchange.begin());
///   const auto got = exchange.receive(1, theirs);
///   exchange.send(1, ours);
///   TRY(exchange.wait(got));
///   TRY(exchange.finish());
namespace neuron::nrt::cc {

class Exchange {
 public:
  Exchange(World& world, const Group& group, const char* operation)
      : world_(world), group_(group), operation_(operation) {}
  /// What is on its way when an operation fails is ended before its buffers go.
  ~Exchange();
  Exchange(const Exchange&) = delete;

  /// Waits for the world; every rank of the group begins the same operations in the same order.
  Result<> begin();
  /// Both answer a number to wait for.
  std::size_t send(std::uint32_t member, ByteView bytes);
  std::size_t receive(std::uint32_t member, std::span<std::byte> bytes);
  /// Waits until a message has come or gone.
  Result<> wait(std::size_t number);
  /// Waits until all messages have come and gone.
  Result<> finish();

 private:
  struct Message {
    std::uint32_t member = 0;
    bool is_send = false, is_posted = false;
    ByteView from;
    std::span<std::byte> to;
    Token token;
  };
  std::uint64_t tag_of(std::uint32_t sender) const;
  Result<> post();
  Result<> advance();
  Result<> verify(const Message& message);
  void speak_out();
  Result<> check();
  Result<> pause(const Token& awaited);
  Error late();
  std::string awaited() const;

  World& world_;
  const Group& group_;
  const char* operation_;
  std::uint64_t sequence_ = 0, tag_ = 0;
  std::deque<Message> messages_;
  std::size_t posted_ = 0, done_ = 0;  ///< all before are
  std::uint64_t idle_since_ms_ = 0, asked_ms_ = 0;
  int spins_ = 0;
  /// When to sleep instead, if nothing comes meanwhile.
  std::optional<std::chrono::steady_clock::time_point> looks_until_;
};

}  // namespace neuron::nrt::cc
