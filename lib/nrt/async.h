// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "nrt/nrt_status.h"

/// Queues of requests that run without their caller: one thread for each queue in use. Requests of
/// a queue run in order; a number names each, growing for each unit.
namespace neuron::nrt::async {

/// Units of a logical core. Older clients count reads, writes and copies apart; they are one here.
enum class Unit : std::uint32_t { TensorOp, Compute, Collectives };

/// How a request went, told before it counts as completed.
using Work = std::function<NRT_STATUS()>;
using Done = std::function<void(std::uint64_t sequence, NRT_STATUS status)>;

/// QueueFull's status when 1024 requests wait already.
Result<std::uint64_t> schedule(std::uint32_t core, Unit unit, int queue, Work work, Done done);

/// BadUsage for a number that was never given out.
Result<bool> is_completed(std::uint64_t sequence);
/// The last completed request of a queue; its number is 0 before the first.
Result<std::uint64_t> last_completed(std::uint32_t core, Unit unit, int queue);

/// Adds 1 to an eventfd when the request completes, at once if it has; -1 deregisters.
Result<> notify(std::uint64_t sequence, int fd);
/// The same whenever any request of a queue completes.
Result<> notify_queue(std::uint32_t core, Unit unit, int queue, int fd);

/// Waits until nothing of a core is left.
Result<> drain(std::uint32_t core);
/// Finishes what is queued and ends all threads.
void stop_all();

}  // namespace neuron::nrt::async
