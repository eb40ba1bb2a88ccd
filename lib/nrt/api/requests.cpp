// SPDX-License-Identifier: Apache-2.0
// Scheduling without waiting, in both generations of its functions.
#include <sys/eventfd.h>
#include <unistd.h>

#include "nrt/api/border.h"
#include "nrt/async.h"
#include "nrt/collectives/context.h"
#include "nrt/events.h"
#include "nrt/nrt_async.h"
#include "nrt/nrt_experimental.h"

using namespace neuron;
using namespace neuron::nrt;
using async::Unit;

/// What failed, for clients of the older generation.
struct nrta_error {
  nrta_seq_t seq_id;
  std::uint64_t error_code;
};
struct nrta_error_tracker {
  std::mutex guard;
  std::vector<nrta_error> errors, shown;
};

namespace {

struct Callback {
  NRT_ASYNC_EXEC_STATUS_CALLBACK function = nullptr;
  void* params = nullptr;
};
std::mutex callback_guard;
Callback callback;

/// Where the outcome of a request goes.
async::Done into(NRT_STATUS* ret) {
  return [ret](std::uint64_t, NRT_STATUS status) {
    if (ret) *ret = status;
  };
}
async::Done into(nrta_error_tracker* tracker) {
  return [tracker](std::uint64_t sequence, NRT_STATUS status) {
    if (!tracker || status == NRT_SUCCESS) return;
    std::lock_guard lock(tracker->guard);
    tracker->errors.push_back({sequence, static_cast<std::uint64_t>(status)});
  };
}

Result<> schedule(std::int64_t core, Unit unit, int queue, async::Work work, async::Done done,
                  nrta_seq_t* out) {
  TRY(runtime().check());
  TRY(need(out, "req_sequence"));
  TRY(runtime().check_core(core));
  *out = TRY(async::schedule(static_cast<std::uint32_t>(core), unit, queue, std::move(work),
                             std::move(done)));
  return {};
}

/// The core that a request for a tensor runs on; host tensors go with the first.
int core_of(const nrt_tensor_t* tensor) { return std::max(0, tensor->vnc); }

template <class To>
Result<> write(nrt_tensor_t* tensor, const void* buffer, std::uint64_t offset, std::uint64_t size,
               int core, int queue, To to, nrta_seq_t* seq) {
  TRY(need(tensor, "tensor"));
  TRY(need_buffer(buffer, size));
  TRY(part_of(*tensor, offset, size));
  return schedule(
      core, Unit::TensorOp, queue, [=] { return nrt_tensor_write(tensor, buffer, offset, size); },
      into(to), seq);
}

template <class To>
Result<> read(void* buffer, nrt_tensor_t* tensor, std::uint64_t offset, std::uint64_t size,
              int core, int queue, To to, nrta_seq_t* seq) {
  TRY(need(tensor, "tensor"));
  TRY(need_buffer(buffer, size));
  TRY(part_of(*tensor, offset, size));
  return schedule(
      core, Unit::TensorOp, queue, [=] { return nrt_tensor_read(tensor, buffer, offset, size); },
      into(to), seq);
}

template <class To>
Result<> copy(nrt_tensor_t* src, std::uint64_t src_offset, nrt_tensor_t* dst,
              std::uint64_t dst_offset, std::uint64_t size, int queue, To to, nrta_seq_t* seq) {
  TRY(need(src, "src"));
  TRY(need(dst, "dst"));
  TRY(part_of(*src, src_offset, size));
  TRY(part_of(*dst, dst_offset, size));
  return schedule(
      core_of(dst), Unit::TensorOp, queue,
      [=] { return nrt_tensor_copy(src, src_offset, dst, dst_offset, size); }, into(to), seq);
}

template <class To>
Result<> execute(nrt_model_t* model, const nrt_tensor_set_t* input, nrt_tensor_set_t* output,
                 int queue, To to, nrta_seq_t* seq) {
  TRY(need_model(model));
  TRY(need(set_of(input), "input"));
  TRY(need(set_of(output), "output"));
  const auto core = static_cast<std::uint32_t>(model->vnc);
  const std::uint32_t id = model->id;
  const events::Span span(events::Type::nrta_execute_schedule, core, model);
  return schedule(
      core, Unit::Compute, queue, [=] { return nrt_execute(model, input, output); },
      [=, done = into(to)](std::uint64_t sequence, NRT_STATUS status) {
        done(sequence, status);
        Callback call;
        {
          std::lock_guard lock(callback_guard);
          call = callback;
        }
        if (call.function) call.function(call.params, id, core, sequence, status);
      },
      seq);
}

template <class To>
Result<> collective(nrt_cc_context_t** context, int queue, To to, nrta_seq_t* seq) {
  TRY(need(context, "cc_ctx"));
  TRY(need(*context, "*cc_ctx"));
  const std::shared_ptr<nrt_cc_context> owned(std::exchange(*context, nullptr));
  return schedule(
      owned->vnc, Unit::Collectives, queue,
      [owned, queue] { return run_collective(*owned, queue); }, into(to), seq);
}

Unit unit_of_v2(std::uint32_t unit) {
  return unit == 4 ? Unit::Collectives : unit == 3 ? Unit::Compute : Unit::TensorOp;
}

}  // namespace

extern "C" {

NRT_STATUS nrta_tensor_write(nrt_tensor_t* tensor, const void* buf, uint64_t offset, uint64_t size,
                             int lnc, int queue, NRT_STATUS* ret, nrta_seq_t* seq) {
  return at_the_border(__func__,
                       [&] { return write(tensor, buf, offset, size, lnc, queue, ret, seq); });
}
NRT_STATUS nrta_tensor_write_v2(nrt_tensor_t* tensor, const void* buf, uint64_t offset,
                                uint64_t size, int queue, nrta_error_tracker* err,
                                nrta_seq_t* seq) {
  return at_the_border("nrta_tensor_write", [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    return write(tensor, buf, offset, size, core_of(tensor), queue, err, seq);
  });
}

NRT_STATUS nrta_tensor_read(void* buf, nrt_tensor_t* tensor, uint64_t offset, uint64_t size,
                            int lnc, int queue, NRT_STATUS* ret, nrta_seq_t* seq) {
  return at_the_border(__func__,
                       [&] { return read(buf, tensor, offset, size, lnc, queue, ret, seq); });
}
NRT_STATUS nrta_tensor_read_v2(void* buf, nrt_tensor_t* tensor, uint64_t offset, uint64_t size,
                               int queue, nrta_error_tracker* err, nrta_seq_t* seq) {
  return at_the_border("nrta_tensor_read", [&]() -> Result<> {
    TRY(need(tensor, "tensor"));
    return read(buf, tensor, offset, size, core_of(tensor), queue, err, seq);
  });
}

NRT_STATUS nrta_tensor_copy(nrt_tensor_t* src, uint64_t src_offset, nrt_tensor_t* dst,
                            uint64_t dst_offset, uint64_t size, int queue, NRT_STATUS* ret,
                            nrta_seq_t* seq) {
  return at_the_border(
      __func__, [&] { return copy(src, src_offset, dst, dst_offset, size, queue, ret, seq); });
}
NRT_STATUS nrta_tensor_copy_v2(nrt_tensor_t* src, uint64_t src_offset, nrt_tensor_t* dst,
                               uint64_t dst_offset, uint64_t size, int queue,
                               nrta_error_tracker* err, nrta_seq_t* seq) {
  return at_the_border("nrta_tensor_copy", [&] {
    return copy(src, src_offset, dst, dst_offset, size, queue, err, seq);
  });
}

NRT_STATUS nrta_execute_schedule(nrt_model_t* model, const nrt_tensor_set_t* input,
                                 nrt_tensor_set_t* output, int queue, NRT_STATUS* ret,
                                 nrta_seq_t* seq) {
  return at_the_border(__func__, [&] { return execute(model, input, output, queue, ret, seq); });
}
NRT_STATUS nrta_execute_schedule_v2(nrt_model_t* model, const nrt_tensor_set_t* input,
                                    nrt_tensor_set_t* output, int queue, nrta_error_tracker* err,
                                    nrta_seq_t* seq) {
  return at_the_border("nrta_execute_schedule",
                       [&] { return execute(model, input, output, queue, err, seq); });
}

NRT_STATUS nrta_cc_schedule(nrt_cc_context_t** context, int queue, NRT_STATUS* ret,
                            nrta_seq_t* seq) {
  return at_the_border(__func__, [&] { return collective(context, queue, ret, seq); });
}
NRT_STATUS nrta_cc_schedule_v2(nrt_cc_context_t** context, int queue, nrta_error_tracker* err,
                               nrta_seq_t* seq) {
  return at_the_border("nrta_cc_schedule", [&] { return collective(context, queue, err, seq); });
}

NRT_STATUS nrta_is_completed(nrta_seq_t seq, bool* is_completed) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(is_completed, "is_completed"));
    *is_completed = TRY(async::is_completed(seq));
    return {};
  });
}

NRT_STATUS nrta_get_sequence(uint32_t lnc, nrta_xu_t xu, int queue, nrta_seq_t* seq) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(seq, "seq"));
    TRY(runtime().check_core(lnc));
    if (xu < NRTA_XU_TENSOR_OP || xu >= NRTA_XU_TYPE_NUM)
      return fail(Code::BadUsage, "xu is {}, no nrta_xu_t", static_cast<int>(xu));
    *seq = TRY(async::last_completed(lnc, static_cast<Unit>(xu), queue));
    return {};
  });
}
NRT_STATUS nrta_get_sequence_v2(uint32_t lnc, uint32_t xu, int queue, nrta_seq_t* seq) {
  return at_the_border("nrta_get_sequence", [&]() -> Result<> {
    TRY(runtime().check());
    TRY(need(seq, "seq"));
    TRY(runtime().check_core(lnc));
    if (xu > 4) return fail(Code::BadUsage, "xu is {}, no nrta_xu_t", xu);
    *seq = TRY(async::last_completed(lnc, unit_of_v2(xu), queue));
    return {};
  });
}

NRT_STATUS nrta_get_completion_handle(nrta_seq_t seq, int* fd) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(fd, "fd"));
    const int made = ::eventfd(0, EFD_CLOEXEC);
    if (made < 0) return fail(Code::NoResource, "no descriptor is left");
    if (auto done = async::notify(seq, made); !done) {
      ::close(made);
      return done;
    }
    *fd = made;
    return {};
  });
}
NRT_STATUS nrta_event_register_seq_id_completion(nrta_seq_t seq, int event_fd) {
  return at_the_border(__func__, [&] { return async::notify(seq, event_fd); });
}
NRT_STATUS nrta_event_register_xu_completion(int lnc, nrta_xu_t xu, int queue, int fd) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(runtime().check_core(lnc));
    if (xu < NRTA_XU_TENSOR_OP || xu >= NRTA_XU_TYPE_NUM)
      return fail(Code::BadUsage, "xu is {}, no nrta_xu_t", static_cast<int>(xu));
    return async::notify_queue(static_cast<std::uint32_t>(lnc), static_cast<Unit>(xu), queue, fd);
  });
}

NRT_STATUS nrta_error_tracker_create(uint32_t lnc_idx, nrta_error_tracker** tracker) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(runtime().check_core(lnc_idx));
    TRY(need(tracker, "error_tracker"));
    *tracker = new nrta_error_tracker;
    return {};
  });
}
void nrta_error_tracker_destroy(nrta_error_tracker* tracker) { delete tracker; }
NRT_STATUS nrta_error_tracker_get_list(nrta_error_tracker* tracker, const nrta_error** list,
                                       size_t* count) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(tracker, "error_tracker"));
    TRY(need(list, "list"));
    TRY(need(count, "count"));
    std::lock_guard lock(tracker->guard);
    tracker->shown = std::exchange(tracker->errors, {});
    *list = tracker->shown.data();
    *count = tracker->shown.size();
    return {};
  });
}

NRT_STATUS nrt_register_async_exec_callback(NRT_ASYNC_EXEC_STATUS_CALLBACK function, void* params) {
  return at_the_border(__func__, [&]() -> Result<> {
    std::lock_guard lock(callback_guard);
    callback = {function, params};
    return {};
  });
}
NRT_STATUS nrt_async_drain_queued_execs(uint32_t vnc) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    TRY(runtime().check_core(vnc));
    return async::drain(vnc);
  });
}

}  // extern "C"
