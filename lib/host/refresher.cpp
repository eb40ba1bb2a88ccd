// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "host/sysfs.h"

namespace neuron::host {

struct TreeRefresher::State {
  Box box;
  std::mutex guard;
  std::condition_variable ends;
  bool is_over = false;
  std::thread thread;

  void run() {
    std::unique_lock lock(guard);
    while (!ends.wait_for(lock, std::chrono::seconds(1), [&] { return is_over; })) refresh(box);
  }
  /// The tree is a view: a failure to show it must not disturb whoever computes.
  static void refresh(const Box& box) {
    if (const auto snapshot = take_snapshot(box))
      (void)refresh_tree(*snapshot, TreeExtent::Touched);
  }
};

TreeRefresher::TreeRefresher(Box box) : state_(std::make_unique<State>()) {
  state_->box = std::move(box);
  // The application's signals are for its own threads.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    state_->thread = std::thread([state = state_.get()] { state->run(); });
  } catch (const std::system_error&) {
    // No thread to be had: readers refresh the tree when they look.
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TreeRefresher::~TreeRefresher() {
  {
    std::lock_guard lock(state_->guard);
    state_->is_over = true;
  }
  state_->ends.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  State::refresh(state_->box);
}

}  // namespace neuron::host
