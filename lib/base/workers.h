// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace neuron {

/// Threads that take jobs in the order in which they came. Without threads run() does the job
/// itself. Jobs that have not begun when the workers go are dropped; those that have are awaited.
class Workers {
 public:
  /// Starts up to `threads`; fewer when the system gives no more. They take no signals.
  explicit Workers(std::size_t threads);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

  template <class Job>
  auto run(Job job) -> std::future<decltype(job())> {
    // std::function wants what can be copied, a task cannot be.
    auto task = std::make_shared<std::packaged_task<decltype(job())()>>(std::move(job));
    auto result = task->get_future();
    if (threads_.empty())
      (*task)();
    else
      add([task] { (*task)(); });
    return result;
  }

  /// Threads worth starting for `bytes` of work: none for what is done sooner than they start.
  static std::size_t for_bytes(std::uint64_t bytes);

 private:
  void add(std::function<void()> job);
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace neuron
