// SPDX-License-Identifier: Apache-2.0
// Collectives, and tensors between hosts: a world of one rank works, larger ones are refused.
#include <cstdio>

#include "nrt/api/border.h"
#include "nrt/collective.h"
#include "nrt/nrt_async.h"
#include "nrt/nrt_async_sendrecv.h"
#include "nrt/nrt_experimental.h"

using namespace neuron;
using namespace neuron::nrt;

namespace neuron::nrt {

Result<> check_world(std::uint64_t rank, std::uint64_t ranks) {
  if (rank >= std::max<std::uint64_t>(1, ranks))
    return fail(Code::BadUsage, "rank is {}, the world has {}", rank, ranks);
  if (ranks <= 1) return {};
  return status_error(NRT_FAILURE, Code::UnsupportedVersion,
                      "a world of {} ranks: collectives between processes are not simulated",
                      ranks);
}

NRT_STATUS run_collective(const nrt_cc_context& context) {
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    const std::size_t size =
        std::min(nrt_tensor_get_size(context.inputs[i]), nrt_tensor_get_size(context.outputs[i]));
    const NRT_STATUS status = nrt_tensor_copy(context.inputs[i], 0, context.outputs[i], 0, size);
    if (status != NRT_SUCCESS) return status;
  }
  return NRT_SUCCESS;
}

}  // namespace neuron::nrt

namespace {

constexpr int kCommunicators = 64, kRequests = 128;

Result<> world(std::int64_t vnc, std::uint32_t rank, std::uint32_t ranks) {
  TRY(runtime().check());
  TRY(runtime().check_core(vnc));
  return check_world(rank, ranks);
}

Result<> prepare(const nrt_cc_comm_t* comm, const nrt_tensor_list_t* inputs,
                 const nrt_tensor_list_t* outputs, nrt_cc_context_t** context) {
  TRY(need(comm, "comm"));
  TRY(need(inputs, "input"));
  TRY(need(outputs, "output"));
  TRY(need(context, "cc_ctx"));
  TRY(world(comm->vnc, comm->rank, comm->rank_n));
  if (inputs->count != outputs->count)
    return fail(Code::BadUsage, "{} inputs and {} outputs", inputs->count, outputs->count);
  if (inputs->count) TRY(need(inputs->tensors, "input tensors"));
  if (inputs->count) TRY(need(outputs->tensors, "output tensors"));
  auto made = std::make_unique<nrt_cc_context>();
  made->vnc = comm->vnc;
  for (std::size_t i = 0; i < inputs->count; ++i) {
    TRY(need(inputs->tensors[i], "input tensor"));
    TRY(need(outputs->tensors[i], "output tensor"));
    made->inputs.push_back(inputs->tensors[i]);
    made->outputs.push_back(outputs->tensors[i]);
  }
  *context = made.release();
  return {};
}

/// Ids of cores here are those of the host, whatever this process sees.
Result<> check_host_core(int lnc) {
  TRY(runtime().check());
  const auto total = TRY(runtime().total_cores());
  if (lnc >= 0 && static_cast<std::uint32_t>(lnc) < total) return {};
  return status_error(NRT_FAILURE, Code::BadUsage, "lnc is {}, the host has {}", lnc, total);
}

Result<> no_network(const char* peer, int lnc) {
  TRY(check_host_core(lnc));
  TRY(need(peer, "peer_ip"));
  return fail(Code::NotFound, "{}: simulated cores have no network", peer);
}

/// No communicator or request was ever given out.
NRT_STATUS bad_handle(const char* function) {
  return at_the_border(function, []() -> Result<> {
    return status_error(NRT_INVALID_HANDLE, Code::BadUsage, "no such handle was given out");
  });
}

}  // namespace

extern "C" {

NRT_STATUS nrt_build_global_comm(int32_t vnc, uint32_t id, uint32_t count) {
  return at_the_border(__func__, [&] { return world(vnc, id, count); });
}
NRT_STATUS nrt_cc_global_comm_init(uint32_t vnc, uint32_t id, uint32_t count) {
  return at_the_border(__func__, [&] { return world(vnc, id, count); });
}
NRT_STATUS nrt_cc_create_stream(uint32_t vnc) {
  return at_the_border(__func__, [&] { return world(vnc, 0, 1); });
}
NRT_STATUS nrt_barrier(int32_t vnc, uint32_t id, uint32_t count) {
  return at_the_border(__func__, [&] { return world(vnc, id, count); });
}
NRT_STATUS nrt_all_gather(int32_t vnc, uint32_t id, uint32_t count, uint32_t size, void* input,
                          void* output) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(world(vnc, id, count));
    TRY(need_buffer(input, size));
    TRY(need_buffer(output, size));
    if (size) std::memmove(output, input, size);
    return {};
  });
}

NRT_STATUS nrta_cc_prepare(nrt_cc_comm_t* comm, nrt_tensor_list_t* input, nrt_tensor_list_t* output,
                           nrt_dtype_t, nrt_op_type_t, nrt_cc_op_type_t,
                           nrt_cc_context_t** context) {
  return at_the_border(__func__, [&] { return prepare(comm, input, output, context); });
}
NRT_STATUS nrta_cc_prepare_coalesced(nrt_cc_comm_t* comm, nrt_tensor_list_t* inputs,
                                     nrt_tensor_list_t* outputs, nrt_dtype_t, nrt_op_type_t,
                                     nrt_cc_op_type_t, nrt_cc_context_t** context) {
  return at_the_border(__func__, [&] { return prepare(comm, inputs, outputs, context); });
}

void* nrt_get_libnccl_net(int* err, char* err_msg, size_t err_msg_size) {
  if (err) *err = 1;
  if (err_msg && err_msg_size)
    std::snprintf(err_msg, err_msg_size, "simulated devices have no network plugin");
  return nullptr;
}

NRT_STATUS nrt_async_sendrecv_get_max_num_communicators_per_lnc(int* num) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(num, "num"));
    *num = kCommunicators;
    return {};
  });
}
NRT_STATUS nrt_async_sendrecv_get_max_num_pending_request(int* num) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(need(num, "num"));
    *num = kRequests;
    return {};
  });
}
NRT_STATUS nrt_async_sendrecv_init(int lnc) {
  return at_the_border(__func__, [&] { return check_host_core(lnc); });
}
NRT_STATUS nrt_async_sendrecv_close(int lnc) {
  return at_the_border(__func__, [&] { return check_host_core(lnc); });
}
NRT_STATUS nrt_async_sendrecv_connect(const char* peer_ip, int, int lnc,
                                      nrt_async_sendrecv_comm_t**) {
  return at_the_border(__func__, [&] { return no_network(peer_ip, lnc); });
}
NRT_STATUS nrt_async_sendrecv_accept(const char* peer_ip, int, int lnc,
                                     nrt_async_sendrecv_comm_t**) {
  return at_the_border(__func__, [&] { return no_network(peer_ip, lnc); });
}
NRT_STATUS nrt_async_sendrecv_test_comm(nrt_async_sendrecv_comm_t*, bool*) {
  return bad_handle(__func__);
}
NRT_STATUS nrt_async_sendrecv_send_tensor(nrt_tensor_t*, size_t, size_t, nrt_async_sendrecv_comm_t*,
                                          nrt_async_sendrecv_request_t**) {
  return bad_handle(__func__);
}
NRT_STATUS nrt_async_sendrecv_recv_tensor(nrt_tensor_t*, size_t, size_t, nrt_async_sendrecv_comm_t*,
                                          nrt_async_sendrecv_request_t**) {
  return bad_handle(__func__);
}
NRT_STATUS nrt_async_sendrecv_test_request(nrt_async_sendrecv_request_t*, bool*, size_t*) {
  return bad_handle(__func__);
}
NRT_STATUS nrt_async_sendrecv_flush(int lnc) {
  return at_the_border(__func__, [&] { return check_host_core(lnc); });
}

}  // extern "C"
