// SPDX-License-Identifier: Apache-2.0
#include "cmd/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/cleanup.h"
#include "base/result.h"

// Everything that handlers do here is async-signal-safe: no allocation, no locks, no streams.
namespace neuron::cmd {
namespace {

extern "C" void on_end(int) {
  remove_unfinished();
  ::_exit(info(Code::Interrupted).exit);
}

extern "C" void on_pipe(int) {
  remove_unfinished();
  std::signal(SIGPIPE, SIG_DFL);  // the reader is gone: end as every Unix tool does, quietly
  ::raise(SIGPIPE);
}

/// The hexadecimal number at the front of `text`, and what follows it.
std::uintptr_t take_hex(std::string_view& text) {
  std::uintptr_t value = 0;
  while (!text.empty()) {
    const char c = text.front();
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) break;
    value = value * 16 + static_cast<std::uintptr_t>(digit);
    text.remove_prefix(1);
  }
  return value;
}

/// The file of a line of /proc/self/maps ("7f00-7f01 r--s 00000000 08:01 77   /a/b"), when
/// `address` lies in that mapping.
std::string_view file_of(std::string_view line, std::uintptr_t address) {
  const std::uintptr_t begin = take_hex(line);
  line.remove_prefix(std::min<std::size_t>(line.size(), 1));
  const std::uintptr_t end = take_hex(line);
  const auto name = line.find('/');
  if (address < begin || address >= end || name == line.npos) return {};
  return line.substr(name);
}

/// The file that is mapped at `address`, written into `room`; empty for other memory.
std::string_view mapped_file(std::uintptr_t address, std::span<char> room) {
  const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return {};
  std::string_view name;
  std::size_t held = 0;
  for (ssize_t got = 1; got > 0 && name.empty();) {
    got = ::read(maps, room.data() + held, room.size() - held);
    held += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    std::string_view text(room.data(), held);
    for (auto end = text.find('\n'); end != text.npos && name.empty(); end = text.find('\n')) {
      name = file_of(text.substr(0, end), address);
      text.remove_prefix(end + 1);
    }
    if (!name.empty()) break;
    if (text.size() == room.size()) text = {};  // a line longer than the room is none of ours
    std::memmove(room.data(), text.data(), text.size());
    held = text.size();
  }
  ::close(maps);
  return name;
}

extern "C" void on_bus(int number, siginfo_t* what, void*) {
  static char room[16384];
  const auto file = mapped_file(reinterpret_cast<std::uintptr_t>(what->si_addr), room);
  if (what->si_code != BUS_ADRERR || file.empty()) {
    std::signal(number, SIG_DFL);  // an error of ours: the instruction is repeated and ends us
    return;
  }
  remove_unfinished();
  for (const std::string_view part :
       {std::string_view("neuron: "), file,
        std::string_view(": cannot read: it was cut short while in use, or its disk failed\n")})
    if (::write(STDERR_FILENO, part.data(), part.size()) < 0) break;
  ::_exit(info(Code::Io).exit);
}

void set(int number, void (*handler)(int)) {
  struct sigaction before {};
  if (::sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  std::signal(number, handler);
}

}  // namespace

void handle_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) set(number, on_end);
  std::signal(SIGPIPE, on_pipe);
  struct sigaction bus {};
  bus.sa_sigaction = on_bus;
  bus.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &bus, nullptr);
}

}  // namespace neuron::cmd
