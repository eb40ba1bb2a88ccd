/* SPDX-License-Identifier: Apache-2.0 */
/* What a loaded model takes and gives. */
#ifndef NRT_EXPERIMENTAL_H
#define NRT_EXPERIMENTAL_H

#include "nrt/nrt.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NRT_TENSOR_NAME_MAX 256

typedef enum nrt_tensor_usage {
  NRT_TENSOR_USAGE_INPUT = 0,
  NRT_TENSOR_USAGE_OUTPUT = 1
} nrt_tensor_usage_t;

typedef struct nrt_tensor_info {
  char name[NRT_TENSOR_NAME_MAX];
  nrt_tensor_usage_t usage;
  size_t size; /* bytes */
  nrt_dtype_t dtype;
  uint32_t* shape; /* ndim dimensions, outermost first */
  uint32_t ndim;
} nrt_tensor_info_t;

typedef struct nrt_tensor_info_array {
  uint64_t tensor_count;
#ifdef __GNUC__
  __extension__
#endif
      nrt_tensor_info_t tensor_array[]; /* tensor_count of them */
} nrt_tensor_info_array_t;

/* Free the result with nrt_free_model_tensor_info. */
NRT_STATUS nrt_get_model_tensor_info(nrt_model_t* model, nrt_tensor_info_array_t** tensor_info)
    NRT_GUIDE_SYMBOL(nrt_get_model_tensor_info);
NRT_STATUS nrt_free_model_tensor_info(nrt_tensor_info_array_t* tensor_info);
/* How many copies of the model are staged; at least 1. */
NRT_STATUS nrt_get_model_instance_count(const nrt_model_t* model, uint32_t* instance_count);

/* Where a model runs. `info_size_in` is sizeof of the caller's struct. */
typedef struct nrt_model_info {
  uint32_t vnc;
} nrt_model_info_t;
NRT_STATUS nrt_get_model_info(const nrt_model_t* model, nrt_model_info_t* info, size_t info_size_in,
                              size_t* info_size_out);

/* Traces every execution of this process until nrt_trace_stop writes the events as JSON. */
NRT_STATUS nrt_trace_start(bool trace_mem);
NRT_STATUS nrt_trace_stop(const char* filename);

/* The network plugin of collectives: null and a reason, as on a host that has none. */
void* nrt_get_libnccl_net(int* err, char* err_msg, size_t err_msg_size);

/* Own programs for the GpSimd engines; NRT_INVALID after nrt_init. Simulated engines run ours. */
typedef struct nrt_ucode_img {
  uint8_t* bin;
  size_t size;
} nrt_ucode_img;
typedef struct nrt_ucode_info {
  nrt_ucode_img iram;
  nrt_ucode_img dram;
} nrt_ucode_info;
NRT_STATUS nrt_set_pool_eng_ucode(const nrt_ucode_info* ucode_info);

/* Copies to an address that nrt_tensor_get_va gave, or into the tensor around it. */
NRT_STATUS nrt_memcpy_to_device(void* dest_va, const void* source, size_t size);

/* Called in a thread of the runtime after each execution that nrta_execute_schedule began. */
typedef void (*NRT_ASYNC_EXEC_STATUS_CALLBACK)(void* params, uint32_t model_id, uint32_t vnc,
                                               uint64_t job_id, NRT_STATUS status);
NRT_STATUS nrt_register_async_exec_callback(NRT_ASYNC_EXEC_STATUS_CALLBACK callback, void* params);
/* Waits until nothing that was scheduled on a core is left. */
NRT_STATUS nrt_async_drain_queued_execs(uint32_t vnc);

/* Collectives by hand, among all ranks; they join the world as nrt_build_global_comm() does. The
 * output holds g_device_count times rank_input_size bytes, by rank.
 * NRT_EXEC_HW_ERR_COLLECTIVES: a rank did not come, went away or is silent; the log names it. */
NRT_STATUS nrt_barrier(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count);
NRT_STATUS nrt_all_gather(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count,
                          uint32_t rank_input_size, void* input, void* output);

/* Device memory in use on a logical core, a row for each allocation; call with null chunks for the
 * count. */
typedef struct nrt_allocation_chunk {
  uint64_t pa;
  uint64_t size;
  uint32_t mem_type;
} nrt_allocation_chunk_t;
NRT_STATUS nrt_dump_device_allocation_info(uint32_t lnc, nrt_allocation_chunk_t* chunks,
                                           uint32_t* count);
/* Logs the table of device memory by purpose, as a failed allocation does. */
NRT_STATUS nrt_debug_log_oom_report(uint32_t lnc);

#ifdef __cplusplus
}
#endif
#endif
