// SPDX-License-Identifier: Apache-2.0
// Collectives between ranks.
#include <cstdio>

#include "nrt/api/border.h"
#include "nrt/collectives/context.h"
#include "nrt/collectives/worlds.h"
#include "nrt/nrt_async.h"
#include "nrt/nrt_experimental.h"

using namespace neuron;
using namespace neuron::nrt;

namespace {

constexpr std::uint32_t kCallerStream = 0;  ///< of calls that wait; queue i has stream i + 1

Result<std::shared_ptr<cc::World>> world(std::int64_t vnc, std::uint32_t rank,
                                         std::uint32_t ranks) {
  TRY(runtime().check());
  TRY(runtime().check_core(vnc));
  return cc::join(static_cast<std::uint32_t>(vnc), rank, ranks);
}

/// The members of a group that the caller lists; null: all ranks.
Result<cc::Group> group_of(const nrt_cc_comm_t& comm, const cc::World& world) {
  if (!comm.replica_group) return world.everybody(kCallerStream);
  cc::Group group{{comm.replica_group, comm.replica_group + comm.rank_n}, comm.rank_n, 0};
  for (std::uint32_t i = 0; i < comm.rank_n; ++i) {
    if (group.ranks[i] >= world.ranks())
      return fail(Code::BadUsage, "replica group: {} is no rank of {}", group.ranks[i],
                  world.ranks());
    if (group.ranks[i] == world.rank()) group.index = i;
  }
  if (group.index < comm.rank_n) return group;
  return fail(Code::BadUsage, "replica group: rank {} is none of its {}", world.rank(),
              comm.rank_n);
}

Result<cc::Reduction> reduction_of(nrt_op_type_t op) {
  if (op == NRT_OP_ADD) return cc::Reduction::Add;
  if (op == NRT_OP_MAX) return cc::Reduction::Max;
  if (op == NRT_OP_MIN) return cc::Reduction::Min;
  return fail(Code::BadUsage, "op is {}, no reduction of two values", static_cast<int>(op));
}

/// The element type and the reduction, where the operation needs them.
Result<> set_operation(nrt_cc_context& context, nrt_dtype_t dtype, nrt_op_type_t op,
                       nrt_cc_op_type_t operation) {
  if (operation < NRT_CC_ALLGATHER || operation > NRT_CC_REDUCESCATTER)
    return fail(Code::BadUsage, "cc_op is {}, no nrt_cc_op_type_t", static_cast<int>(operation));
  context.operation = operation;
  if (operation == NRT_CC_ALLGATHER) return {};
  const auto type = dtype_of_code(static_cast<unsigned>(dtype));
  context.type = type ? *type : DType::Unknown;
  TRY(cc::check_reducible(context.type));
  context.reduction = TRY(reduction_of(op));
  return {};
}

Result<> prepare(const nrt_cc_comm_t* comm, const nrt_tensor_list_t* inputs,
                 const nrt_tensor_list_t* outputs, nrt_dtype_t dtype, nrt_op_type_t op,
                 nrt_cc_op_type_t operation, nrt_cc_context_t** context) {
  TRY(need(comm, "comm"));
  TRY(need(inputs, "input"));
  TRY(need(outputs, "output"));
  TRY(need(context, "cc_ctx"));
  auto made = std::make_unique<nrt_cc_context>();
  // Older callers leave the world's numbers zero and mean the group by them.
  const bool has_world = comm->ctx_device_count != 0;
  made->world = TRY(world(comm->vnc, has_world ? comm->ctx_device_id : comm->rank,
                          has_world ? comm->ctx_device_count : comm->rank_n));
  made->group = TRY(group_of(*comm, *made->world));
  made->vnc = comm->vnc;
  TRY(set_operation(*made, dtype, op, operation));
  if (inputs->count != outputs->count)
    return fail(Code::BadUsage, "{} inputs and {} outputs", inputs->count, outputs->count);
  if (inputs->count) TRY(need(inputs->tensors, "input tensors"));
  if (inputs->count) TRY(need(outputs->tensors, "output tensors"));
  for (std::size_t i = 0; i < inputs->count; ++i) {
    TRY(need(inputs->tensors[i], "input tensor"));
    TRY(need(outputs->tensors[i], "output tensor"));
    made->inputs.push_back(inputs->tensors[i]);
    made->outputs.push_back(outputs->tensors[i]);
  }
  *context = made.release();
  return {};
}

Result<> run_pair(const nrt_cc_context& c, const cc::Group& group, const nrt_tensor& input,
                  const nrt_tensor& output) {
  if (c.operation == NRT_CC_ALLREDUCE)
    return cc::all_reduce(*c.world, group, input.bytes, output.bytes, c.type, c.reduction);
  if (c.operation == NRT_CC_REDUCESCATTER)
    return cc::reduce_scatter(*c.world, group, input.bytes, output.bytes, c.type, c.reduction);
  return cc::all_gather(*c.world, group, input.bytes, output.bytes);
}

}  // namespace

namespace neuron::nrt {

NRT_STATUS run_collective(nrt_cc_context& context, int queue) {
  return at_the_border("nrta_cc_schedule", [&]() -> Result<> {
    cc::Group group = context.group;
    group.stream = static_cast<std::uint32_t>(queue) + 1;
    for (std::size_t i = 0; i < context.inputs.size(); ++i)
      TRY(run_pair(context, group, *context.inputs[i], *context.outputs[i]));
    return {};
  });
}

}  // namespace neuron::nrt

extern "C" {

NRT_STATUS nrt_build_global_comm(int32_t vnc, uint32_t id, uint32_t count) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(world(vnc, id, count));
    return {};
  });
}
NRT_STATUS nrt_cc_global_comm_init(uint32_t vnc, uint32_t id, uint32_t count) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(world(vnc, id, count));
    return {};
  });
}
NRT_STATUS nrt_cc_create_stream(uint32_t vnc) {
  return at_the_border(__func__, [&]() -> Result<> {
    TRY(runtime().check());
    return runtime().check_core(vnc);
  });
}
NRT_STATUS nrt_barrier(int32_t vnc, uint32_t id, uint32_t count) {
  return at_the_border(__func__, [&]() -> Result<> {
    const auto w = TRY(world(vnc, id, count));
    return cc::barrier(*w, w->everybody(kCallerStream));
  });
}
NRT_STATUS nrt_all_gather(int32_t vnc, uint32_t id, uint32_t count, uint32_t size, void* input,
                          void* output) {
  return at_the_border(__func__, [&]() -> Result<> {
    const auto w = TRY(world(vnc, id, count));
    TRY(need_buffer(input, size));
    TRY(need_buffer(output, size));
    return cc::all_gather(*w, w->everybody(kCallerStream),
                          {static_cast<const std::byte*>(input), size},
                          {static_cast<std::byte*>(output), std::size_t{size} * count});
  });
}

NRT_STATUS nrta_cc_prepare(nrt_cc_comm_t* comm, nrt_tensor_list_t* input, nrt_tensor_list_t* output,
                           nrt_dtype_t dtype, nrt_op_type_t op, nrt_cc_op_type_t cc_op,
                           nrt_cc_context_t** context) {
  return at_the_border(__func__,
                       [&] { return prepare(comm, input, output, dtype, op, cc_op, context); });
}
NRT_STATUS nrta_cc_prepare_coalesced(nrt_cc_comm_t* comm, nrt_tensor_list_t* inputs,
                                     nrt_tensor_list_t* outputs, nrt_dtype_t dtype,
                                     nrt_op_type_t op, nrt_cc_op_type_t cc_op,
                                     nrt_cc_context_t** context) {
  return at_the_border(__func__,
                       [&] { return prepare(comm, inputs, outputs, dtype, op, cc_op, context); });
}

void* nrt_get_libnccl_net(int* err, char* err_msg, size_t err_msg_size) {
  if (err) *err = 1;
  if (err_msg && err_msg_size)
    std::snprintf(err_msg, err_msg_size, "simulated devices have no network plugin");
  return nullptr;
}

}  // extern "C"
