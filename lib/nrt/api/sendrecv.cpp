// SPDX-License-Identifier: Apache-2.0
// Tensors between logical cores of hosts, without waiting.
#include <map>

#include "nrt/api/border.h"
#include "nrt/collectives/channel.h"
#include "nrt/nrt_async_sendrecv.h"
#include "nrt/settings.h"

using namespace neuron;
using namespace neuron::nrt;

/// What the caller holds; both are known by their addresses in the tables below.
struct nrt_async_sendrecv_comm {
  std::shared_ptr<cc::Channel> channel;
};
struct nrt_async_sendrecv_request {
  nrt_async_sendrecv_request(std::shared_ptr<cc::Channel> channel, std::span<std::byte> bytes)
      : message(std::move(channel), bytes) {}
  cc::ChannelMessage message;
};

namespace {

constexpr int kCommunicators = 64, kRequests = 128;

/// What one logical core has open between init and close.
struct Core {
  std::map<std::string, std::unique_ptr<cc::Doorway>> doorways;  ///< by address of this host
  std::map<const void*, std::unique_ptr<nrt_async_sendrecv_comm>> comms;
  std::map<const void*, std::unique_ptr<nrt_async_sendrecv_request>> requests;
};
struct Cores {
  std::mutex guard;
  std::map<int, Core> open;
};
Cores& cores() {
  static Cores* const one = new Cores;
  return *one;
}

/// Ids of cores here are those of the host, whatever this process sees.
Result<> check_host_core(int lnc) {
  TRY(runtime().check());
  const auto total = TRY(runtime().total_cores());
  if (lnc >= 0 && static_cast<std::uint32_t>(lnc) < total) return {};
  return status_error(NRT_FAILURE, Code::BadUsage, "lnc is {}, the host has {}", lnc, total);
}

Result<int> port() {
  const auto number = TRY(settings::number("NEURON_RT_ASYNC_SENDRECV_BOOTSTRAP_PORT"));
  if (number > 0 && number < 65000) return static_cast<int>(number);
  return fail(Code::BadUsage, "NEURON_RT_ASYNC_SENDRECV_BOOTSTRAP_PORT is {}, expected 1 to 64999",
              number);
}

Result<Core*> open_core(Cores& c, int lnc) {
  const auto at = c.open.find(lnc);
  if (at != c.open.end()) return &at->second;
  return status_error(NRT_FAILURE, Code::BadState,
                      "nrt_async_sendrecv_init({}) has not been called", lnc);
}

/// The receiver listens where its sender comes in, and nowhere else.
Result<> expect_sender(Core& core, std::shared_ptr<cc::Channel> channel, int port) {
  const std::string address = TRY(cc::address_towards(channel->ends().peer));
  auto& doorway = core.doorways[address];
  if (!doorway) doorway = TRY(cc::Doorway::open({address, fmt::to_string(port)}));
  doorway->expect(std::move(channel));
  return {};
}

Result<> open_comm(const char* peer, int peer_lnc, int lnc, bool is_sender,
                   nrt_async_sendrecv_comm_t** out) {
  TRY(check_host_core(lnc));
  TRY(need(peer, "peer_ip"));
  TRY(need(out, "comm"));
  const int first = TRY(port());
  const auto timeout = TRY(settings::number("NEURON_SIM_COLLECTIVES_TIMEOUT"));
  Cores& c = cores();
  std::lock_guard lock(c.guard);
  Core* core = TRY(open_core(c, lnc));
  if (core->comms.size() >= kCommunicators)
    return fail(Code::NoResource, "core {} has {} communicators already", lnc, kCommunicators);
  auto comm = std::make_unique<nrt_async_sendrecv_comm>();
  comm->channel = std::make_shared<cc::Channel>(cc::ChannelEnds{peer, peer_lnc, lnc, is_sender});
  if (is_sender)
    comm->channel->call(first + peer_lnc,
                        static_cast<int>(std::clamp<std::uint64_t>(timeout, 1, 100000)));
  else
    TRY(expect_sender(*core, comm->channel, first + lnc));
  *out = comm.get();
  core->comms.emplace(comm.get(), std::move(comm));
  return {};
}

/// A handle that some core gave out and has not closed.
template <class Member>
auto find(Cores& c, Member member, const void* handle)
    -> Result<std::pair<Core*, decltype((c.open[0].*member)[handle].get())>> {
  for (auto& [lnc, core] : c.open) {
    auto& table = core.*member;
    if (const auto at = table.find(handle); at != table.end())
      return std::pair(&core, at->second.get());
  }
  return status_error(NRT_INVALID_HANDLE, Code::BadUsage, "no such handle was given out");
}

Result<> start(nrt_tensor_t* tensor, size_t offset, size_t length, nrt_async_sendrecv_comm_t* comm,
               bool sends, nrt_async_sendrecv_request_t** out) {
  Cores& c = cores();
  std::lock_guard lock(c.guard);
  const auto [core, found] = TRY(find(c, &Core::comms, comm));
  TRY(need(tensor, "tensor"));
  TRY(need(out, "request"));
  if (found->channel->ends().is_sender != sends)
    return fail(Code::BadUsage, "the communicator only {}", sends ? "receives" : "sends");
  if (core->requests.size() >= kRequests)
    return status_error(NRT_QUEUE_FULL, Code::NoResource, "{} requests wait already", kRequests);
  const auto bytes = TRY(part_of(*tensor, offset, length));
  auto request = std::make_unique<nrt_async_sendrecv_request>(found->channel, bytes);
  *out = request.get();
  core->requests.emplace(request.get(), std::move(request));
  (void)found->channel->advance();  // what goes wrong is told when it is asked for
  return {};
}

/// Moves on whatever this process sends and receives: the other end of a request may be here.
void advance_all(Cores& c) {
  for (auto& [lnc, core] : c.open)
    for (auto& [handle, comm] : core.comms) (void)comm->channel->advance();
}

Result<> test(nrt_async_sendrecv_request_t* request, bool* done, size_t* size) {
  Cores& c = cores();
  std::lock_guard lock(c.guard);
  const auto [core, found] = TRY(find(c, &Core::requests, request));
  TRY(need(done, "done"));
  advance_all(c);
  std::size_t came = 0;
  const auto state_of = [&](const cc::ChannelMessage& message) -> Result<bool> {
    TRY(message.channel->advance());
    return message.is_done(came);
  };
  auto state = state_of(found->message);
  *done = state && *state;
  if (*done && size) *size = came;
  if (*done || !state) core->requests.erase(request);
  if (state) return {};
  return std::move(state).error();
}

}  // namespace

extern "C" {

NRT_STATUS nrt_async_sendrecv_get_max_num_communicators_per_lnc(int* num) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(num, "num"));
    *num = kCommunicators;
    return {};
  });
}
NRT_STATUS nrt_async_sendrecv_get_max_num_pending_request(int* num) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(num, "num"));
    *num = kRequests;
    return {};
  });
}
NRT_STATUS nrt_async_sendrecv_init(int lnc) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(check_host_core(lnc));
    TRY(port());
    Cores& c = cores();
    std::lock_guard lock(c.guard);
    if (!c.open.try_emplace(lnc).second)
      return fail(Code::BadUsage, "lnc {} is initialised already", lnc);
    return {};
  });
}
NRT_STATUS nrt_async_sendrecv_close(int lnc) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(check_host_core(lnc));
    Cores& c = cores();
    std::lock_guard lock(c.guard);
    TRY(open_core(c, lnc));
    for (auto& [handle, comm] : c.open[lnc].comms)
      if (auto met = comm->channel->is_established(); met && *met) comm->channel->fabric().shut();
    c.open.erase(lnc);
    return {};
  });
}
NRT_STATUS nrt_async_sendrecv_connect(const char* peer_ip, int peer_lnc, int lnc,
                                      nrt_async_sendrecv_comm_t** send_comm) {
  return at_the_border(__func__,
                       [&] { return open_comm(peer_ip, peer_lnc, lnc, true, send_comm); });
}
NRT_STATUS nrt_async_sendrecv_accept(const char* peer_ip, int peer_lnc, int lnc,
                                     nrt_async_sendrecv_comm_t** recv_comm) {
  return at_the_border(__func__,
                       [&] { return open_comm(peer_ip, peer_lnc, lnc, false, recv_comm); });
}
NRT_STATUS nrt_async_sendrecv_test_comm(nrt_async_sendrecv_comm_t* comm, bool* established) {
  return at_the_border(__func__, [&]() -> Result<> {
    Cores& c = cores();
    std::lock_guard lock(c.guard);
    const auto [core, found] = TRY(find(c, &Core::comms, comm));
    TRY(need(established, "established"));
    *established = TRY(found->channel->is_established());
    return {};
  });
}
NRT_STATUS nrt_async_sendrecv_send_tensor(nrt_tensor_t* tensor, size_t offset, size_t length,
                                          nrt_async_sendrecv_comm_t* comm,
                                          nrt_async_sendrecv_request_t** request) {
  return at_the_border(__func__,
                       [&] { return start(tensor, offset, length, comm, true, request); });
}
NRT_STATUS nrt_async_sendrecv_recv_tensor(nrt_tensor_t* tensor, size_t offset, size_t length,
                                          nrt_async_sendrecv_comm_t* comm,
                                          nrt_async_sendrecv_request_t** request) {
  return at_the_border(__func__,
                       [&] { return start(tensor, offset, length, comm, false, request); });
}
NRT_STATUS nrt_async_sendrecv_test_request(nrt_async_sendrecv_request_t* request, bool* done,
                                           size_t* size) {
  return at_the_border(__func__, [&] { return test(request, done, size); });
}
NRT_STATUS nrt_async_sendrecv_flush(int lnc) {
  return at_the_border(__func__, [&] { return check_host_core(lnc); });
}

}  // extern "C"
