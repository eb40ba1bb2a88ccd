// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/exchange.h"

#include <poll.h>
#include <rdma/fi_errno.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace neuron::nrt::cc {
namespace {

constexpr int kSpins = 50;  ///< looks before a rank looks at the clock, too
/// How long a rank looks before it sleeps: waking it costs more than most small messages take.
constexpr std::chrono::microseconds kLooks{500};
constexpr std::chrono::microseconds kLong{50};  ///< and how long before it gives way
constexpr int kSleepMs = 50;                    ///< at most, to look whether it takes too long
constexpr std::uint64_t kNewsMs = 1000;         ///< how long news of a failed peer may take
constexpr std::uint64_t kAnswerMs = 3000;       ///< how long rank 0 may think who is missing

/// Tags: sender 12 bits, stream 3, sequence 17, group 32.
constexpr unsigned kSenderAt = 52, kStreamAt = 49, kSequenceAt = 32;

std::uint32_t hash_of(const Group& group) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const std::uint32_t rank : group.ranks) hash = (hash ^ rank) * 16777619u;
  return hash;
}

/// Between looks a rank gives way to others that may have no core of their own. Where each has one,
/// it would only be a stranger who gets it, for as long as a tick of the clock; but whoever waits
/// long may share its core with the one it waits for, where that one was woken by it.
bool gives_way(const World& world) {
  static const unsigned cores = std::thread::hardware_concurrency();
  return world.ranks() > cores;
}

}  // namespace

Exchange::~Exchange() {
  const bool is_over = std::all_of(messages_.begin(), messages_.end(), [](const Message& m) {
    return !m.is_posted || m.token.is_done;
  });
  if (is_over) return;
  if (world_.is_broken())
    world_.fabric().shut();  // who broke it may not have come so far yet
  else
    (void)world_.break_off(fmt::format("{} was left half-way", operation_));
}

Result<> Exchange::begin() {
  if (group_.size() > 1) TRY(world_.ready());
  sequence_ = world_.next_sequence(group_);
  tag_ = std::uint64_t{group_.stream & 7} << kStreamAt | (sequence_ & 0x1ffff) << kSequenceAt |
         hash_of(group_);
  idle_since_ms_ = now_ms();
  return {};
}

std::uint64_t Exchange::tag_of(std::uint32_t sender) const {
  return std::uint64_t{sender & 0xfff} << kSenderAt | tag_;
}

std::size_t Exchange::send(std::uint32_t member, ByteView bytes) {
  Message& message = messages_.emplace_back();
  message.member = member;
  message.is_send = true;
  message.from = bytes;
  return messages_.size() - 1;
}

std::size_t Exchange::receive(std::uint32_t member, std::span<std::byte> bytes) {
  Message& message = messages_.emplace_back();
  message.member = member;
  message.to = bytes;
  return messages_.size() - 1;
}

Result<> Exchange::wait(std::size_t number) {
  for (;;) {
    TRY(advance());
    if (messages_[number].token.is_done) return verify(messages_[number]);
    TRY(pause(messages_[number].token));
  }
}

Result<> Exchange::finish() {
  for (;;) {
    TRY(advance());
    if (done_ == messages_.size()) return {};
    TRY(pause(messages_[done_].token));
  }
}

/// Posts in order, as far as the fabric has room.
Result<> Exchange::post() {
  Fabric& fabric = world_.fabric();
  for (; posted_ < messages_.size(); ++posted_) {
    Message& m = messages_[posted_];
    const auto sender = m.is_send ? world_.rank() : group_.ranks[m.member];
    m.is_posted =
        TRY(m.is_send ? fabric.send(group_.ranks[m.member], m.from, tag_of(sender), m.token)
                      : fabric.receive(m.to, tag_of(sender), m.token));
    if (!m.is_posted) return {};
  }
  return {};
}

Result<> Exchange::advance() {
  if (done_ == messages_.size()) return {};
  if (auto posted = post(); !posted) return world_.break_off(posted.error().message);
  if (auto went = world_.fabric().progress(); !went) {
    const auto trouble = world_.trouble(group_);
    return world_.break_off(
        fmt::format("{}: {}", operation_, trouble ? *trouble : went.error().message));
  }
  const std::size_t before = done_;
  for (; done_ < posted_ && messages_[done_].token.is_done; ++done_) TRY(verify(messages_[done_]));
  if (done_ == before) return {};
  idle_since_ms_ = now_ms();
  asked_ms_ = 0;
  spins_ = 0;
  looks_until_.reset();
  return {};
}

/// A message that is done may have failed, or be none that we expected.
Result<> Exchange::verify(const Message& m) {
  const bool is_whole = m.is_send || m.token.size == m.to.size();
  if (m.token.error == 0 && is_whole) return {};
  const std::uint32_t rank = group_.ranks[m.member];
  if (m.token.error == 0 || m.token.error == FI_ETRUNC) {
    speak_out();
    return world_.break_off(
        fmt::format("{}: {} sends another size", operation_, world_.name_of(rank)));
  }
  const auto until = now_ms() + kNewsMs;  // what befell the peer is worth more than our error
  auto fate = world_.fate_of(rank);
  for (; !fate && now_ms() < until; fate = world_.fate_of(rank)) {
    pollfd news{world_.news_fd(), POLLIN, 0};
    (void)::poll(&news, 1, kSleepMs);
    world_.listen();
  }
  return world_.break_off(
      fmt::format("{}: {}", operation_,
                  fate ? *fate : world_.name_of(rank) + ": " + fi_strerror(m.token.error)));
}

/// Sends what is not sent yet, so that the others see, too, that the sizes differ.
void Exchange::speak_out() {
  const auto until = now_ms() + kNewsMs;
  const auto is_sent = [](const Message& m) { return !m.is_send || m.token.is_done; };
  while (now_ms() < until && post() && world_.fabric().progress() &&
         !(posted_ == messages_.size() && std::all_of(messages_.begin(), messages_.end(), is_sent)))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Nothing came: look on for a while, then sleep, hear the news, and look at the clock.
Result<> Exchange::pause(const Token& awaited) {
  const bool is_crowded = gives_way(world_);
  if (is_crowded) std::this_thread::yield();
  if (++spins_ < kSpins) return {};
  const auto now = std::chrono::steady_clock::now();
  if (!looks_until_) looks_until_ = now + kLooks;
  if (now < *looks_until_) {
    if (!is_crowded && now > *looks_until_ - kLooks + kLong) std::this_thread::yield();
    return {};
  }
  world_.fabric().wait(awaited, world_.news_fd(), kSleepMs);
  return check();
}

Result<> Exchange::check() {
  world_.listen();
  if (const auto trouble = world_.trouble(group_))
    return world_.break_off(fmt::format("{}: {}", operation_, *trouble));
  for (std::size_t i = done_; i < posted_; ++i)
    if (messages_[i].token.is_done) TRY(verify(messages_[i]));
  const std::uint64_t now = now_ms();
  if (now < idle_since_ms_ + static_cast<std::uint64_t>(world_.timeout()) * 1000) return {};
  if (asked_ms_ == 0) {
    asked_ms_ = now;
    world_.ask_missing(group_, sequence_);
    return {};
  }
  if (world_.missing() || now > asked_ms_ + kAnswerMs) return late();
  return {};
}

/// Whose messages did not come, when rank 0 does not know better.
std::string Exchange::awaited() const {
  std::set<std::uint32_t> ranks;
  for (std::size_t i = done_; i < messages_.size(); ++i)
    if (!messages_[i].token.is_done) ranks.insert(group_.ranks[messages_[i].member]);
  return text_of_ranks(ranks);
}

Error Exchange::late() {
  const auto missing = world_.missing();
  std::string who = awaited() + " still awaited";
  if (missing && missing->size() == 1)
    who = world_.name_of(*missing->begin()) + " did not take part";
  else if (missing && !missing->empty())
    who = text_of_ranks(*missing) + " did not take part";
  return world_.break_off(
      fmt::format("{}: no progress for {} s: {}", operation_, world_.timeout(), who));
}

}  // namespace neuron::nrt::cc
