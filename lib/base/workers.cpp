// SPDX-License-Identifier: Apache-2.0
#include "base/workers.h"

#include <algorithm>
#include <csignal>
#include <system_error>

namespace neuron {

Workers::Workers(std::size_t threads) {
  // A handler runs in the thread that made half-written files, and in no other.
  sigset_t all, before;
  sigfillset(&all);
  sigdelset(&all, SIGBUS);  // of a mapped file that was cut short: whoever reads it gets it
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    while (threads_.size() < threads) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // The threads there are do; with none, run() works itself.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    jobs_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::size_t Workers::for_bytes(std::uint64_t bytes) {
  constexpr std::uint64_t kWorthwhile = std::uint64_t{2} << 20;
  constexpr std::size_t kMost = 8;
  if (bytes < kWorthwhile) return 0;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMost);
}

void Workers::add(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Workers::work() {
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return ending_ || !jobs_.empty(); });
      if (ending_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace neuron
