// SPDX-License-Identifier: Apache-2.0
#include "host/observe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace neuron::host {
namespace {

fs::path directory_of(const Box& box) { return box.directory / "observers"; }

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Empty when its process is gone.
std::string command_in(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return "";
  struct flock lock = whole_file();
  char text[1024];
  const ssize_t size = ::read(fd, text, sizeof text);
  const bool lives = ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  return lives && size > 0 ? std::string(text, static_cast<std::size_t>(size)) : "";
}

}  // namespace

std::string own_command() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  while (!text.empty() && text.back() == 0) text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

Observing::Observing(const Box& box) {
  std::error_code ignored;
  fs::create_directories(directory_of(box), ignored);
  path_ = directory_of(box) / std::to_string(::getpid());
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd_ < 0) return;
  struct flock lock = whole_file();
  const std::string command = own_command().substr(0, 1023);
  if (::fcntl(fd_, F_SETLK, &lock) != 0 ||
      ::write(fd_, command.data(), command.size()) != static_cast<ssize_t>(command.size())) {
    ::close(std::exchange(fd_, -1));
    ::unlink(path_.c_str());
  }
}

Observing::~Observing() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

std::vector<Observer> observers_of(const Box& box) {
  const auto self = static_cast<std::uint64_t>(::getpid());
  std::vector<Observer> observers{{self, own_command()}};
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory_of(box), ignored)) {
    const auto pid = std::strtoull(entry.path().filename().c_str(), nullptr, 10);
    if (pid == self) continue;
    std::string command = command_in(entry.path());
    if (command.empty())
      fs::remove(entry.path(), ignored);  // left by one that was killed
    else
      observers.push_back({pid, std::move(command)});
  }
  std::sort(observers.begin(), observers.end(),
            [](const Observer& a, const Observer& b) { return a.pid < b.pid; });
  return observers;
}

}  // namespace neuron::host
