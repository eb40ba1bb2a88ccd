// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/fabric.h"

#include <poll.h>
#include <rdma/fi_cm.h>
#include <rdma/fi_domain.h>
#include <rdma/fi_endpoint.h>
#include <rdma/fi_errno.h>
#include <rdma/fi_tagged.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include "base/log.h"
#include "nrt/collectives/box.h"
#include "nrt/collectives/libfabric.h"
#include "nrt/settings.h"

namespace neuron::nrt::cc {
namespace {

constexpr std::string_view kSharedMemory = "shm";
constexpr std::int64_t kShortNapNs = 20'000, kLongNapNs = 1'000'000;
constexpr int kDozeMs = 1;
constexpr std::size_t kMuch = 16 << 10;

Error fabric_error(const char* what, std::int64_t status) {
  return fail(Code::NoResource, "libfabric: {}: {}", what, fi_strerror(static_cast<int>(-status)));
}

/// A call of libfabric that answers 0 or minus an error.
Result<> done(const char* what, std::int64_t status) {
  if (status == 0) return {};
  return fabric_error(what, status);
}

struct InfoDeleter {
  void operator()(fi_info* info) const { fi_freeinfo(info); }
};
using Info = std::unique_ptr<fi_info, InfoDeleter>;

/// What `provider` offers at a local address; null when it has nothing.
Info find(const std::string& provider, const std::string& local_address) {
  const Info hints(fi_allocinfo());
  if (!hints) return nullptr;
  hints->ep_attr->type = FI_EP_RDM;
  hints->caps = FI_TAGGED | FI_SEND | FI_RECV;
  hints->mode = FI_CONTEXT | FI_CONTEXT2;
  hints->tx_attr->msg_order = FI_ORDER_SAS;
  hints->rx_attr->msg_order = FI_ORDER_SAS;
  hints->domain_attr->threading = FI_THREAD_SAFE;
  hints->domain_attr->mr_mode = 0;
  hints->fabric_attr->prov_name = ::strdup(provider.c_str());
  fi_info* found = nullptr;
  const bool is_named = provider != "efa";  // efa has addresses of its own
  if (fi_getinfo(FI_VERSION(1, 11), is_named ? local_address.c_str() : nullptr, nullptr,
                 is_named ? FI_SOURCE : 0, hints.get(), &found) != 0)
    return nullptr;
  return Info(found);
}

void close(fid* what) {
  if (what) (void)fi_close(what);
}

}  // namespace

Result<std::unique_ptr<Fabric>> Fabric::open(const std::string& local_address, bool can_share) {
  TRY(load_libfabric());
  const std::string wanted = settings::text("NEURON_SIM_FABRIC");
  std::istringstream names(wanted);
  for (std::string provider; std::getline(names, provider, ',');) {
    const bool is_shared = provider == kSharedMemory;
    if (is_shared && !can_share) continue;
    if (is_shared) sweep_regions();
    const Info info = find(provider, is_shared ? new_region() : local_address);
    if (!info) continue;
    std::unique_ptr<Fabric> made(new Fabric);
    TRY(made->open_endpoint(info.get()));
    log::write("CCOM", log::Level::Info, "fabric_open", "libfabric provider {} at {}",
               made->provider_, local_address);
    return made;
  }
  return fail(Code::NoResource,
              "libfabric has none of the providers {} at {}; fi_info lists what it has, "
              "NEURON_SIM_FABRIC chooses",
              wanted, local_address);
}

Result<> Fabric::open_endpoint(fi_info* info) {
  const KeptSignals kept;
  provider_ = info->fabric_attr->prov_name;
  const bool wakes = provider_ != kSharedMemory;
  TRY(done("fi_fabric", fi_fabric(info->fabric_attr, &fabric_, nullptr)));
  TRY(done("fi_domain", fi_domain(fabric_, info, &domain_, nullptr)));
  fi_av_attr av{};
  av.type = FI_AV_TABLE;
  TRY(done("fi_av_open", fi_av_open(domain_, &av, &addresses_, nullptr)));
  fi_cq_attr cq{};
  cq.format = FI_CQ_FORMAT_MSG;
  cq.wait_obj = wakes ? FI_WAIT_FD : FI_WAIT_NONE;
  cq.size = 4096;
  TRY(done("fi_cq_open", fi_cq_open(domain_, &cq, &completions_, nullptr)));
  TRY(done("fi_endpoint", fi_endpoint(domain_, info, &endpoint_, nullptr)));
  TRY(done("fi_ep_bind", fi_ep_bind(endpoint_, &addresses_->fid, 0)));
  TRY(done("fi_ep_bind", fi_ep_bind(endpoint_, &completions_->fid, FI_TRANSMIT | FI_RECV)));
  TRY(done("fi_enable", fi_enable(endpoint_)));
  if (wakes) TRY(done("fi_control", fi_control(&completions_->fid, FI_GETWAIT, &wait_fd_)));
  std::size_t size = 0;
  (void)fi_getname(&endpoint_->fid, nullptr, &size);
  address_.resize(size);
  return done("fi_getname", fi_getname(&endpoint_->fid, address_.data(), &size));
}

// What is told to be sent may still lie in the provider's buffers: without a last look or two, one
// of six commands of three ranks on a busy host lost the message that lets the others go.
Fabric::~Fabric() {
  if (endpoint_ && !peers_.empty()) take_in_rest();
  if (endpoint_) close(&endpoint_->fid);
  if (completions_) close(&completions_->fid);
  if (addresses_) close(&addresses_->fid);
  if (domain_) close(&domain_->fid);
  if (fabric_) close(&fabric_->fid);
}

// libfabric 1.17 follows a null pointer now and then when an endpoint is closed before it has heard
// that a peer's connection ended: what has come is taken in first.
void Fabric::shut() {
  std::unique_lock lock(guard_);
  is_shut_ = true;
  news_.wait(lock, [this] { return !is_dozing_; });
  if (endpoint_) take_in_rest();
  if (endpoint_) close(&endpoint_->fid);
  endpoint_ = nullptr;
}

void Fabric::take_in_rest() {
  constexpr int kLooks = 20;  // a millisecond apart
  for (int look = 0; look < kLooks; ++look) {
    fi_cq_msg_entry entry{};
    fi_cq_err_entry error{};
    while (fi_cq_read(completions_, &entry, 1) > 0) {
    }
    while (fi_cq_readerr(completions_, &error, 0) > 0) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Result<> Fabric::know(std::span<const Bytes> addresses) {
  std::lock_guard lock(guard_);
  peers_.assign(addresses.size(), FI_ADDR_UNSPEC);
  for (std::size_t rank = 0; rank < addresses.size(); ++rank) {
    if (addresses[rank].size() != address_.size() && provider_ != kSharedMemory)
      return fail(Code::Mismatch, "rank {} has a fabric address of {} bytes, ours has {}", rank,
                  addresses[rank].size(), address_.size());
    const int count =
        fi_av_insert(addresses_, addresses[rank].data(), 1, &peers_[rank], 0, nullptr);
    if (count != 1) return fabric_error("fi_av_insert", count < 0 ? count : -FI_EINVAL);
  }
  return {};
}

Result<bool> Fabric::posted(ssize_t status, const char* what) const {
  if (status == 0) return true;
  if (status == -FI_EAGAIN) return false;
  return fabric_error(what, status);
}

Result<bool> Fabric::send(std::uint32_t rank, ByteView bytes, std::uint64_t tag, Token& token) {
  std::lock_guard lock(guard_);
  if (is_shut_) return fail(Code::BadState, "the fabric is shut");
  return posted(
      fi_tsend(endpoint_, bytes.data(), bytes.size(), nullptr, peers_[rank], tag, &token.context),
      "fi_tsend");
}

Result<bool> Fabric::receive(std::span<std::byte> bytes, std::uint64_t tag, Token& token) {
  std::lock_guard lock(guard_);
  if (is_shut_) return fail(Code::BadState, "the fabric is shut");
  return posted(fi_trecv(endpoint_, bytes.data(), bytes.size(), nullptr, FI_ADDR_UNSPEC, tag, 0,
                         &token.context),
                "fi_trecv");
}

void Fabric::settle(std::span<const fi_cq_msg_entry> entries) {
  for (const fi_cq_msg_entry& entry : entries) {
    auto* const token = static_cast<Token*>(entry.op_context);
    token->size = entry.len;
    token->is_done = true;
  }
  naps_ = 0;
  if (is_watched_) news_.notify_all();
}

void Fabric::settle_error() {
  fi_cq_err_entry entry{};
  if (fi_cq_readerr(completions_, &entry, 0) < 0 || !entry.op_context) return;
  static_cast<Token*>(entry.op_context)->error = entry.err;
  const fi_cq_msg_entry done{entry.op_context, 0, 0};
  settle({&done, 1});
}

Result<> Fabric::progress() {
  std::lock_guard lock(guard_);
  if (is_shut_) return fail(Code::BadState, "the fabric is shut");
  for (;;) {
    fi_cq_msg_entry entries[64];
    const ssize_t count = fi_cq_read(completions_, entries, std::size(entries));
    if (count == -FI_EAVAIL) {
      settle_error();
      continue;
    }
    if (count == -FI_EAGAIN) return {};
    if (count < 0) return fabric_error("fi_cq_read", count);
    settle({entries, static_cast<std::size_t>(count)});
    // One more look is a call of the system: little data would wait for it, while behind much data
    // comes more, which is better taken whole than piece by piece.
    if (count < std::ssize(entries) && entries[count - 1].len < kMuch) return {};
  }
}

// One thread waits at the provider and tells the others, who would sleep on when it is the first to
// take what came for them.
void Fabric::wait(const Token& token, int other_fd, int milliseconds) {
  std::unique_lock lock(guard_);
  if (is_shut_ || token.is_done) return;
  if (is_watched_) {
    news_.wait_for(lock, std::chrono::milliseconds(milliseconds));
    return;
  }
  is_watched_ = true;
  watch(lock, token, other_fd, milliseconds);
  is_watched_ = false;
  news_.notify_all();
}

void Fabric::watch(std::unique_lock<std::mutex>& lock, const Token& token, int other_fd,
                   int milliseconds) {
  timespec most{0, milliseconds * std::int64_t{1'000'000}};
  if (wait_fd_ < 0)
    most.tv_nsec = std::min(kLongNapNs, kShortNapNs << std::min(naps_++, 10));
  else if (doze(lock) || is_shut_ || token.is_done)
    return;
  fid* waiting = &completions_->fid;
  if (wait_fd_ >= 0 && fi_trywait(fabric_, &waiting, 1) != FI_SUCCESS) return;
  pollfd fds[] = {{wait_fd_, POLLIN, 0}, {other_fd, POLLIN, 0}};
  lock.unlock();
  (void)::ppoll(fds, 2, &most, nullptr);
  lock.lock();
}

/// The provider net of libfabric 1.17 takes the news from its descriptor only when it waits itself,
/// for a moment that is all the same a wait; after it the descriptor is readable when there is
/// something. Answers whether there was something now.
bool Fabric::doze(std::unique_lock<std::mutex>& lock) {
  fi_cq_msg_entry entry{};
  is_dozing_ = true;
  lock.unlock();
  const ssize_t count = fi_cq_sread(completions_, &entry, 1, nullptr, kDozeMs);
  lock.lock();
  is_dozing_ = false;
  news_.notify_all();
  if (count > 0) settle({&entry, 1});
  return count > 0 || count == -FI_EAVAIL;
}

}  // namespace neuron::nrt::cc
