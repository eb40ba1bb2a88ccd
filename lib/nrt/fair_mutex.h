// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>

namespace neuron::nrt {

/// A lock that goes to whoever has waited longest: a device serves requests in their order, and a
/// thread that comes back at once does not starve the others.
class FairMutex {
 public:
  void lock() {
    std::unique_lock lock(guard_);
    if (!is_held_) {
      is_held_ = true;
      return;
    }
    Waiter self;
    waiting_.push_back(&self);
    self.woken.wait(lock, [&] { return self.has_it; });
  }
  bool try_lock() {
    std::lock_guard lock(guard_);
    if (is_held_) return false;
    is_held_ = true;
    return true;
  }
  void unlock() {
    std::lock_guard lock(guard_);
    if (waiting_.empty()) {
      is_held_ = false;
      return;
    }
    Waiter* next = waiting_.front();
    waiting_.pop_front();
    next->has_it = true;  // it is held on, by another
    next->woken.notify_one();
  }

 private:
  struct Waiter {
    std::condition_variable woken;
    bool has_it = false;
  };
  std::mutex guard_;
  std::deque<Waiter*> waiting_;
  bool is_held_ = false;
};

}  // namespace neuron::nrt
