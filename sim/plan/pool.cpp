// SPDX-License-Identifier: Apache-2.0
// Kernels last microseconds, so threads look for work for a while before they sleep.
#include "sim/plan/pool.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace neuron::sim {
namespace {

constexpr unsigned kMostThreads = 64;
constexpr unsigned kUnasked = 4;  ///< kernels are too short for more, where nobody says otherwise
constexpr int kLooks = 20000;     ///< before a thread sleeps; some hundreds of microseconds

/// On a busy machine the thread that one waits for may need this one's processor.
void pause_briefly(int looks) {
  if (looks % 64 == 63) return std::this_thread::yield();
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

unsigned wanted_threads() {
  const char* text = std::getenv("NEURON_SIM_THREADS");
  if (!text) return std::clamp(std::thread::hardware_concurrency(), 1u, kUnasked);
  return static_cast<unsigned>(std::clamp(std::strtol(text, nullptr, 10), 1l, long{kMostThreads}));
}

class Pool {
 public:
  explicit Pool(unsigned threads) {
    for (unsigned i = 1; i < threads; ++i) threads_.emplace_back([this, i] { serve(i); });
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run(unsigned units, const std::function<void(unsigned, unsigned, unsigned)>& work) {
    std::unique_lock lock(busy_, std::try_to_lock);
    if (!lock || threads_.empty() || units < 2) return work(0, 0, units);
    work_ = &work;
    units_ = units;
    grain_ = std::max(1u, units / static_cast<unsigned>(4 * (threads_.size() + 1)));
    next_ = 0;
    open_ = true;
    call();
    take(0);
    // Who comes too late finds it closed; only those inside are waited for.
    open_ = false;
    for (int looks = 0; inside_ != 0; ++looks) pause_briefly(looks);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  void call() {
    ++turn_;
    turn_.notify_all();
  }
  void take(unsigned thread) try {
    for (;;) {
      const unsigned begin = next_.fetch_add(grain_);
      if (begin >= units_) return;
      (*work_)(thread, begin, std::min(begin + grain_, units_));
    }
  } catch (...) {
    const std::lock_guard lock(failing_);
    failure_ = std::current_exception();
    next_ = units_;
  }
  void serve(unsigned thread) {
    for (unsigned seen = 0;;) {
      for (int looks = 0; turn_ == seen && looks < kLooks; ++looks) pause_briefly(looks);
      turn_.wait(seen);
      seen = turn_;
      ++inside_;
      if (open_) take(thread);
      --inside_;
    }
  }

  std::mutex busy_;
  const std::function<void(unsigned, unsigned, unsigned)>* work_ = nullptr;
  unsigned units_ = 0, grain_ = 1;
  std::atomic<unsigned> next_ = 0, inside_ = 0, turn_ = 0;
  std::atomic<bool> open_ = false;
  std::mutex failing_;
  std::exception_ptr failure_;  ///< of any of them, for the caller
  std::vector<std::thread> threads_;
};

Pool& pool() {
  // Never destroyed: requests may be under way while the process ends.
  static Pool* const the = new Pool(pool_threads());
  return *the;
}

}  // namespace

unsigned pool_threads() {
  static const unsigned threads = wanted_threads();
  return threads;
}

void share(unsigned units, const std::function<void(unsigned, unsigned, unsigned)>& work) {
  pool().run(units, work);
}

}  // namespace neuron::sim
