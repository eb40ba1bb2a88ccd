// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/channel.h"

#include <poll.h>
#include <rdma/fi_errno.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "nrt/failure.h"

namespace neuron::nrt::cc {
namespace {

constexpr int kPatience = 8;       ///< seconds until a silent host counts as gone
constexpr std::uint64_t kTag = 1;  ///< one sender, one receiver: order is enough
constexpr std::size_t kMostCallers = 256;

}  // namespace

Channel::~Channel() {
  stops_ = true;
  if (thread_.joinable()) thread_.join();
}

void Channel::call(int port, int timeout) {
  thread_ = std::thread([this, port, timeout] { conclude(meet(port, timeout)); });
}

void Channel::answer(Wire wire, const std::string& address) {
  conclude(greet(std::move(wire), address));
}

void Channel::conclude(Result<> met) {
  std::lock_guard lock(guard_);
  met_ = std::move(met);
  is_over_ = true;
}

/// The sender tells who it is and hears where the receiver is.
Result<> Channel::meet(int port, int timeout) {
  const RootId door{ends_.peer, fmt::to_string(port)};
  Wire wire = TRY(connect(door, timeout * 1000, kPatience, stops_));
  auto fabric = TRY(Fabric::open(wire.local_address()));
  TRY(wire.send({{"send", ends_.core}, {"address", hex(fabric->address())}}));
  const auto until = now_ms() + static_cast<std::uint64_t>(timeout) * 1000;
  const Json line = TRY(wire.await(until, stops_));
  const std::string text = TRY(json::get<std::string>(line, "address"));
  const Bytes address = TRY(bytes_of_hex(text));
  TRY(fabric->know({&address, 1}));
  std::lock_guard lock(guard_);
  wire_ = std::move(wire);
  fabric_ = std::move(fabric);
  return {};
}

Result<> Channel::greet(Wire wire, const std::string& text) {
  auto fabric = TRY(Fabric::open(wire.local_address()));
  const Bytes address = TRY(bytes_of_hex(text));
  TRY(fabric->know({&address, 1}));
  TRY(wire.send({{"receive", ends_.core}, {"address", hex(fabric->address())}}));
  std::lock_guard lock(guard_);
  wire_ = std::move(wire);
  fabric_ = std::move(fabric);
  return {};
}

Result<bool> Channel::is_established() const {
  std::lock_guard lock(guard_);
  if (!is_over_) return false;
  if (met_) return true;
  return status_error(NRT_EXEC_HW_ERR_COLLECTIVES, Code::Timeout, "core {} of {}: {}",
                      ends_.peer_core, ends_.peer, met_.error().message);
}

Result<> Channel::advance() {
  if (!TRY(is_established())) return {};
  while (!waiting_.empty()) {
    ChannelMessage& next = *waiting_.front();
    if (!TRY(ends_.is_sender ? fabric_->send(0, next.bytes, kTag, next.token)
                             : fabric_->receive(next.bytes, kTag, next.token)))
      break;
    waiting_.pop_front();
  }
  return fabric_->progress();
}

Result<bool> ChannelMessage::is_done(std::size_t& size) const {
  if (!token.is_done) return false;
  const auto& ends = channel->ends();
  if (token.error != 0)
    return status_error(NRT_EXEC_HW_ERR_COLLECTIVES, Code::ExecutionFault, "core {} of {}: {}",
                        ends.peer_core, ends.peer, fi_strerror(token.error));
  size = ends.is_sender ? bytes.size() : token.size;
  return true;
}

Result<std::unique_ptr<Doorway>> Doorway::open(RootId at) {
  std::unique_ptr<Doorway> made(new Doorway);
  made->listener_ = TRY(listen(at).within("NEURON_RT_ASYNC_SENDRECV_BOOTSTRAP_PORT"));
  made->thread_ = std::thread([self = made.get()] { self->serve(); });
  return made;
}

Doorway::~Doorway() {
  stops_ = true;
  if (thread_.joinable()) thread_.join();
  if (listener_ >= 0) ::close(listener_);
}

void Doorway::expect(std::shared_ptr<Channel> channel) {
  std::lock_guard lock(guard_);
  expected_.push_back(std::move(channel));
}

void Doorway::serve() {
  while (!stops_) {
    std::vector<pollfd> fds{{listener_, POLLIN, 0}};
    for (const Caller& caller : callers_) fds.push_back({caller.wire.fd(), POLLIN, 0});
    (void)::poll(fds.data(), fds.size(), 20);
    std::size_t at = 1;
    for (Caller& caller : callers_)
      if (fds[at++].revents && caller.address.empty()) hear(caller);
    callers_.remove_if([](const Caller& c) { return c.wire.fd() < 0; });
    if (fds[0].revents && callers_.size() < kMostCallers)
      if (auto wire = accept(listener_, kPatience)) callers_.push_back({std::move(*wire), "", -1});
    match();
  }
}

void Doorway::hear(Caller& caller) {
  auto line = caller.wire.receive();
  if (line && !*line) return;
  if (line) {
    const auto core = json::get<int>(**line, "send");
    const auto address = json::get<std::string>(**line, "address");
    if (core && address && !address->empty()) {
      caller.core = *core;
      caller.address = *address;
      return;
    }
  }
  caller.wire = Wire();
}

void Doorway::match() {
  std::lock_guard lock(guard_);
  for (Caller& caller : callers_) {
    if (caller.address.empty()) continue;
    const auto wanted =
        std::find_if(expected_.begin(), expected_.end(), [&](const std::shared_ptr<Channel>& c) {
          return c->ends().peer_core == caller.core && c->ends().peer == caller.wire.peer_address();
        });
    if (wanted == expected_.end()) continue;
    (*wanted)->answer(std::move(caller.wire), caller.address);
    caller.wire = Wire();
    expected_.erase(wanted);
  }
  callers_.remove_if([](const Caller& c) { return c.wire.fd() < 0; });
}

}  // namespace neuron::nrt::cc
