// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/wire.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

namespace neuron::nrt::cc {
namespace {

constexpr std::size_t kLongestLine = 16 << 20;

struct AddressesDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

Result<Addresses> resolve(const RootId& root, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int status = ::getaddrinfo(root.host.c_str(), root.port.c_str(), &hints, &list);
  if (status != 0) return fail(Code::BadUsage, "{}: {}", root.text(), ::gai_strerror(status));
  return Addresses(list);
}

/// The numeric address that getsockname or getpeername tells.
std::string address_of(int fd, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST] = "127.0.0.1";
  if (ask(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    (void)::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, nullptr, 0,
                        NI_NUMERICHOST);
  return host;
}

void set(int fd, int level, int name, int value) {
  (void)::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

std::string RootId::text() const {
  return host.find(':') == std::string::npos ? host + ":" + port : "[" + host + "]:" + port;
}

Result<RootId> parse_root(const std::string& text) {
  const auto colon = text.rfind(':');
  RootId root;
  if (colon != std::string::npos) root = {text.substr(0, colon), text.substr(colon + 1)};
  if (root.host.size() > 2 && root.host.front() == '[' && root.host.back() == ']')
    root.host = root.host.substr(1, root.host.size() - 2);
  else if (root.host.find_first_of(":[]") != std::string::npos)
    root.host.clear();
  const bool is_number = !root.port.empty() && root.port.size() <= 5 &&
                         std::all_of(root.port.begin(), root.port.end(),
                                     [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!root.host.empty() && is_number && std::stoi(root.port) <= 65535) return root;
  return fail(Code::BadUsage,
              "NEURON_RT_ROOT_COMM_ID is \"{}\", expected IPV4:PORT, [IPV6]:PORT or NAME:PORT",
              text);
}

Wire::Wire(int fd, int patience) : fd_(fd) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  // The kernel asks a silent peer whether it is there; no thread of ours has to.
  const int interval = std::max(1, patience / 4);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, interval);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, patience * 1000);
}
Wire::Wire(Wire&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
Wire& Wire::operator=(Wire&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  return *this;
}
Wire::~Wire() {
  if (fd_ >= 0) ::close(fd_);
}

std::string Wire::local_address() const { return address_of(fd_, ::getsockname); }
std::string Wire::peer_address() const { return address_of(fd_, ::getpeername); }

Result<> Wire::send(const Json& line) {
  const std::string text = json::text_of(line) + "\n";
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t sent = ::send(fd_, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail(Code::Io, "{}", std::strerror(errno));
    at += static_cast<std::size_t>(sent);
  }
  return {};
}

Result<std::optional<Json>> Wire::receive() {
  std::size_t end = buffer_.find('\n');
  while (end == std::string::npos) {
    char part[65536];
    const ssize_t count = ::recv(fd_, part, sizeof part, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return std::optional<Json>();
    if (count < 0) return fail(Code::Io, "{}", std::strerror(errno));
    if (count == 0) return fail(Code::Io, "the connection was closed");
    const std::size_t before = buffer_.size();
    buffer_.append(part, static_cast<std::size_t>(count));
    if (buffer_.size() > kLongestLine) return fail(Code::Malformed, "a line is too long");
    end = buffer_.find('\n', before);
  }
  const std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  Json parsed = TRY(json::parse(view_of(line)));
  return std::optional<Json>(std::move(parsed));
}

Result<Json> Wire::await(std::uint64_t until_ms, const std::atomic<bool>& stops) {
  for (;;) {
    auto line = TRY(receive());
    if (line) return std::move(*line);
    const auto now = now_ms();
    if (stops || now >= until_ms) return fail(Code::Timeout, "no answer came");
    pollfd fd{fd_, POLLIN, 0};
    (void)::poll(&fd, 1, static_cast<int>(std::min<std::uint64_t>(until_ms - now, 100)));
  }
}

std::uint64_t now_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(
      duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

Result<Bytes> bytes_of_hex(const std::string& text) {
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::string digits = text.substr(2 * i, 2);
    if (digits.find_first_not_of("0123456789abcdef") != std::string::npos)
      return fail(Code::Malformed, "\"address\" is not hexadecimal");
    bytes[i] = static_cast<std::byte>(std::stoi(digits, nullptr, 16));
  }
  return bytes;
}

Result<std::string> address_towards(const std::string& host) {
  const Addresses list = TRY(resolve({host, "9"}, 0));
  int error = 0;
  for (const addrinfo* at = list.get(); at; at = at->ai_next) {
    const int fd = ::socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);  // nothing is sent
    const bool has_way = fd >= 0 && ::connect(fd, at->ai_addr, at->ai_addrlen) == 0;
    error = errno;
    const std::string address = has_way ? address_of(fd, ::getsockname) : "";
    if (fd >= 0) ::close(fd);
    if (has_way) return address;
  }
  return fail(Code::NoResource, "no way to {}: {}", host, std::strerror(error));
}

Result<Wire> connect(const RootId& root, int milliseconds, int patience,
                     const std::atomic<bool>& stops) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  int error = 0;
  for (int pause = 5;; pause = std::min(200, pause * 2)) {
    const Addresses list = TRY(resolve(root, 0));
    for (const addrinfo* at = list.get(); at; at = at->ai_next) {
      const int fd = ::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (fd < 0) continue;
      set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, patience * 1000);
      set(fd, IPPROTO_TCP, TCP_SYNCNT, 2);  // an unreachable host is tried again from here
      if (::connect(fd, at->ai_addr, at->ai_addrlen) == 0) return Wire(fd, patience);
      error = errno;
      ::close(fd);
    }
    if (stops || std::chrono::steady_clock::now() >= until)
      return fail(Code::Timeout, "nobody answers at {}: {}", root.text(), std::strerror(error));
    std::this_thread::sleep_for(std::chrono::milliseconds(pause));
  }
}

Result<int> listen(RootId& root) {
  const Addresses list = TRY(resolve(root, AI_PASSIVE));
  int error = 0;
  for (const addrinfo* at = list.get(); at; at = at->ai_next) {
    const int fd = ::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    char port[NI_MAXSERV] = "";
    if (::bind(fd, at->ai_addr, at->ai_addrlen) == 0 && ::listen(fd, 1024) == 0 &&
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) == 0 &&
        ::getnameinfo(reinterpret_cast<sockaddr*>(&bound), size, nullptr, 0, port, sizeof port,
                      NI_NUMERICSERV) == 0) {
      root.port = port;
      return fd;
    }
    error = errno;
    ::close(fd);
  }
  return fail(Code::NoResource, "cannot listen at {}: {}", root.text(), std::strerror(error));
}

std::optional<Wire> accept(int listener, int patience) {
  const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return std::nullopt;
  return Wire(fd, patience);
}

}  // namespace neuron::nrt::cc
