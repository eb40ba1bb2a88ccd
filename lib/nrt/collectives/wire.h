// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <optional>
#include <string>

#include "base/json.h"

/// Lines of JSON over TCP: how ranks find each other and hear of each other's fate. The data goes
/// through Fabric.
namespace neuron::nrt::cc {

/// Where rank 0 waits for the others: NEURON_RT_ROOT_COMM_ID.
struct RootId {
  std::string host;
  std::string port;
  std::string text() const;
};
/// IPV4:PORT, [IPV6]:PORT or NAME:PORT.
Result<RootId> parse_root(const std::string& text);

/// A connected socket. A peer that is cut off counts as gone after about `patience` seconds.
class Wire {
 public:
  Wire() = default;
  Wire(int fd, int patience);
  Wire(Wire&& other) noexcept;
  Wire& operator=(Wire&& other) noexcept;
  ~Wire();

  int fd() const { return fd_; }
  /// The address of this end, without a port.
  std::string local_address() const;
  std::string peer_address() const;
  Result<> send(const Json& line);
  /// A whole line if one has come; Io when the other end is gone.
  Result<std::optional<Json>> receive();
  /// The next line, awaited until then (now_ms) or until it `stops`.
  Result<Json> await(std::uint64_t until_ms, const std::atomic<bool>& stops);

 private:
  int fd_ = -1;
  std::string buffer_;
};

/// Milliseconds of a clock that only goes forward.
std::uint64_t now_ms();
/// What hex() of base/digest.h wrote.
Result<Bytes> bytes_of_hex(const std::string& text);

/// The address of this host that reaches another.
Result<std::string> address_towards(const std::string& host);
/// Connects, trying again while nobody listens, until `milliseconds` are over or `stops`.
Result<Wire> connect(const RootId& root, int milliseconds, int patience,
                     const std::atomic<bool>& stops);
/// A listening socket; port 0 takes a free one, which is written back.
Result<int> listen(RootId& root);
/// The next caller of a listening socket.
std::optional<Wire> accept(int listener, int patience);

}  // namespace neuron::nrt::cc
