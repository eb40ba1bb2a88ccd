// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <rdma/fabric.h>
#include <rdma/fi_eq.h>
#undef count_of  // a function of base/tensor.h

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct fid_fabric;
struct fid_domain;
struct fid_ep;
struct fid_av;
struct fid_cq;

/// Messages between ranks over libfabric: reliable datagrams with tags. Messages of one sender with
/// one tag arrive in the order in which they were sent.
namespace neuron::nrt::cc {

/// A message on its way. It and its bytes stay where they are until it is done or the fabric shut.
struct Token {
  fi_context2 context{};
  int error = 0;         ///< of fi_errno.h; read it once the token is done
  std::size_t size = 0;  ///< bytes that came, likewise
  std::atomic<bool> is_done{false};
};

class Fabric {
 public:
  /// An endpoint at the address that reaches the others. Providers of libfabric are tried in the
  /// order of NEURON_SIM_FABRIC; shm, when asked for, only where memory can be shared.
  static Result<std::unique_ptr<Fabric>> open(const std::string& local_address,
                                              bool can_share = false);
  ~Fabric();
  Fabric(const Fabric&) = delete;

  ByteView address() const { return address_; }
  const std::string& provider() const { return provider_; }
  /// Addresses of all ranks, by rank.
  Result<> know(std::span<const Bytes> addresses);

  /// False when there is no room now: progress() and try again.
  Result<bool> send(std::uint32_t rank, ByteView bytes, std::uint64_t tag, Token& token);
  Result<bool> receive(std::span<std::byte> bytes, std::uint64_t tag, Token& token);
  /// Marks tokens whose messages are done.
  Result<> progress();
  /// Waits until there may be progress, `other_fd` is readable, or the time is over; not at all
  /// when the token is done.
  void wait(const Token& token, int other_fd, int milliseconds);
  /// Ends everything that is on its way; buffers are free afterwards. Calls fail from then on.
  void shut();

 private:
  Fabric() = default;
  void take_in_rest();
  Result<> open_endpoint(fi_info* info);
  Result<bool> posted(ssize_t status, const char* what) const;
  void settle(std::span<const fi_cq_msg_entry> entries);
  void settle_error();
  bool doze(std::unique_lock<std::mutex>& lock);
  void watch(std::unique_lock<std::mutex>& lock, const Token& token, int other_fd,
             int milliseconds);

  std::mutex guard_;
  std::condition_variable news_;  ///< of tokens, and of who waits at the provider
  bool is_watched_ = false;       ///< one thread waits at the provider, others for its news
  bool is_dozing_ = false;        ///< inside of the provider, which must not lose its endpoint
  bool is_shut_ = false;
  fid_fabric* fabric_ = nullptr;
  fid_domain* domain_ = nullptr;
  fid_av* addresses_ = nullptr;
  fid_cq* completions_ = nullptr;
  fid_ep* endpoint_ = nullptr;
  int wait_fd_ = -1;  ///< none: the provider wakes nobody, who waits must look
  int naps_ = 0;      ///< since the last news, for who must look
  Bytes address_;
  std::string provider_;
  std::vector<std::uint64_t> peers_;  ///< fi_addr_t by rank
};

}  // namespace neuron::nrt::cc
