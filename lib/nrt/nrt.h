/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime API: load packages, hold tensors, execute. Names, values and layouts are the
 * documented ones; the words are ours. Every function returns NRT_SUCCESS or why not.
 *
 *   nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "");
 *   nrt_load(bytes, size, -1, -1, &model);
 *   nrt_execute(model, inputs, outputs);
 */
#ifndef NRT_H
#define NRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nrt/nrt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Two generations of this API disagree in a few places. The newer is the default; a client of the
 * older developer guide defines NRT_GUIDE_API before it includes this header and gets the guide's
 * numbers of nrt_dtype_t and an nrt_close that returns a status. Only names that differ are
 * renamed at link time, so both kinds of clients may share one process. */
#ifdef NRT_GUIDE_API
#define NRT_GUIDE_SYMBOL(name) __asm__(#name "_guide")
#else
#define NRT_GUIDE_SYMBOL(name)
#endif

#define NRT_MAJOR_VERSION 2
#define NRT_MINOR_VERSION 0

typedef struct nrt_model nrt_model_t;
typedef struct nrt_tensor nrt_tensor_t;
typedef void nrt_tensor_set_t;

typedef enum {
  NRT_FRAMEWORK_TYPE_INVALID = 0,
  NRT_FRAMEWORK_TYPE_NO_FW = 1,
  NRT_FRAMEWORK_TYPE_TENSORFLOW = 2,
  NRT_FRAMEWORK_TYPE_PYTORCH = 3,
  NRT_FRAMEWORK_TYPE_MXNET = 4,
  NRT_FRAMEWORK_TYPE_PRECHECK = 5
} nrt_framework_type_t;

typedef enum {
  NRT_TENSOR_PLACEMENT_DEVICE = 0, /* device memory */
  NRT_TENSOR_PLACEMENT_HOST = 1,   /* host memory that devices reach */
  NRT_TENSOR_PLACEMENT_VIRTUAL = 2 /* host memory */
} nrt_tensor_placement_t;

#ifndef NRT_GUIDE_API
/* Element types, numbered as present runtimes number them. */
typedef enum nrt_dtype {
  NRT_DTYPE_UNKNOWN = 0,
  NRT_DTYPE_INVALID = 0,
  NRT_DTYPE_UINT64 = 1,
  NRT_DTYPE_INT8 = 2,
  NRT_DTYPE_UINT8 = 3,
  NRT_DTYPE_INT16 = 4,
  NRT_DTYPE_UINT16 = 5,
  NRT_DTYPE_BFLOAT16 = 6,
  NRT_DTYPE_FLOAT16 = 7,
  NRT_DTYPE_INT32 = 8,
  NRT_DTYPE_UINT32 = 9,
  NRT_DTYPE_FLOAT32 = 10,
  NRT_DTYPE_FP32R = 11,
  NRT_DTYPE_INT64 = 12,
  NRT_DTYPE_FP8_E3 = 13,
  NRT_DTYPE_FP8_E4 = 14,
  NRT_DTYPE_FP8_E5 = 15
} nrt_dtype_t;
#else
/* Element types, numbered as the guide numbers them. */
typedef enum nrt_dtype {
  NRT_DTYPE_UNKNOWN = 0,
  NRT_DTYPE_FLOAT32 = 1,
  NRT_DTYPE_FLOAT16 = 2,
  NRT_DTYPE_BFLOAT16 = 3,
  NRT_DTYPE_INT8 = 4,
  NRT_DTYPE_UINT8 = 5,
  NRT_DTYPE_INT16 = 6,
  NRT_DTYPE_UINT16 = 7,
  NRT_DTYPE_INT32 = 8,
  NRT_DTYPE_UINT32 = 9,
  NRT_DTYPE_INT64 = 10,
  NRT_DTYPE_UINT64 = 11
} nrt_dtype_t;
#endif

/* Reductions and collective operations. */
typedef enum nrt_op_type {
  NRT_OP_ADD = 0,
  NRT_OP_FMA = 1,
  NRT_OP_MAX = 2,
  NRT_OP_MIN = 3,
  NRT_OP_INVALID = 0xF
} nrt_op_type_t;
typedef enum nrt_cc_op_type {
  NRT_CC_ALLGATHER = 0,
  NRT_CC_ALLREDUCE = 1,
  NRT_CC_REDUCESCATTER = 2
} nrt_cc_op_type_t;

/* Instance types: family and size as two numbers. */
typedef enum nrt_instance_family {
  NRT_INSTANCE_UNKNOWN = 0,
  NRT_INSTANCE_INF1 = 1,
  NRT_INSTANCE_TRN1 = 2,
  NRT_INSTANCE_TRN1N = 3,
  NRT_INSTANCE_INF2 = 4,
  NRT_INSTANCE_TRN2 = 5,
  NRT_INSTANCE_TRN2N = 6,
  NRT_INSTANCE_INF2E = 7,
  NRT_INSTANCE_TRN2P = 8,
  NRT_INSTANCE_TRN2U = 9,
  NRT_INSTANCE_TRN2E = 10,
  NRT_INSTANCE_TRN2EU = 11,
  NRT_INSTANCE_TRN2AC = 12,
  NRT_INSTANCE_TRN2UAC = 13,
  NRT_INSTANCE_TRN3 = 14,
  NRT_INSTANCE_TRN3PDS98 = 15
} nrt_instance_family_t;
typedef enum nrt_instance_size {
  NRT_INSTANCE_SIZE_1XL = 0,
  NRT_INSTANCE_SIZE_2XL = 1,
  NRT_INSTANCE_SIZE_4XL = 2,
  NRT_INSTANCE_SIZE_6XL = 3,
  NRT_INSTANCE_SIZE_8XL = 4,
  NRT_INSTANCE_SIZE_24XL = 5,
  NRT_INSTANCE_SIZE_32XL = 6,
  NRT_INSTANCE_SIZE_48XL = 7,
  NRT_INSTANCE_SIZE_3XL = 8,
  NRT_INSTANCE_SIZE_NUM = 9,
  NRT_INSTANCE_SIZE_UNKNOWN = NRT_INSTANCE_SIZE_NUM
} nrt_instance_size_t;

/* What box this is. Pass sizeof; fewer bytes are filled for older callers. */
typedef struct nrt_instance_info {
  uint32_t family; /* nrt_instance_family_t */
  uint32_t size;   /* nrt_instance_size_t */
  char arch_name[16];
  char device_revision[8];
} nrt_instance_info_t;
NRT_STATUS nrt_get_instance_info(nrt_instance_info_t* info, size_t size);

/* Takes the cores that NEURON_RT_VISIBLE_CORES or NEURON_RT_NUM_CORES choose. The two texts are
 * versions of a framework; both may be "" or null. */
NRT_STATUS nrt_init(nrt_framework_type_t framework, const char* fw_version,
                    const char* fal_version);
/* Unloads all models and gives the cores back. Tensors stay valid to free. */
#ifdef NRT_GUIDE_API
NRT_STATUS nrt_close(void) NRT_GUIDE_SYMBOL(nrt_close);
#else
void nrt_close(void);
#endif

/* Cores of the box (any time), and those that this process may use. */
NRT_STATUS nrt_get_total_nc_count(uint32_t* nc_count);
NRT_STATUS nrt_get_visible_nc_count(uint32_t* nc_count);
NRT_STATUS nrt_get_total_vnc_count(uint32_t* vnc_count);
NRT_STATUS nrt_get_visible_vnc_count(uint32_t* vnc_count);

/* Checks a package and places it on logical core `vnc` (-1: the runtime chooses). A `vnc_count`
 * that is a multiple of what the model needs stages it that many times; -1 stages it once. The
 * bytes may be freed after the call. */
NRT_STATUS nrt_load(const void* neff_bytes, size_t size, int32_t vnc, int32_t vnc_count,
                    nrt_model_t** model);
/* The same for a package with collective operations: this model is number `ctx_device_id` of
 * `ctx_device_count` in the world. */
NRT_STATUS nrt_load_collectives(const void* neff_bytes, size_t size, int32_t vnc, int32_t vnc_count,
                                uint32_t ctx_device_id, uint32_t ctx_device_count,
                                nrt_model_t** model);
NRT_STATUS nrt_unload(nrt_model_t* model);
NRT_STATUS nrt_get_model_nc_count(const nrt_model_t* model, uint32_t* nc_count);
NRT_STATUS nrt_get_model_vnc_count(const nrt_model_t* model, uint32_t* vnc_count);

/* Tensors: bytes with an optional name (for messages; may be null, need not be unique). */
NRT_STATUS nrt_tensor_allocate(nrt_tensor_placement_t placement, int vnc, size_t size,
                               const char* name, nrt_tensor_t** tensor);
/* A tensor without storage; nrt_tensor_attach_buffer gives it some. */
NRT_STATUS nrt_tensor_allocate_empty(const char* name, nrt_tensor_t** tensor);
/* The caller keeps `buffer`, which must outlive the tensor. */
NRT_STATUS nrt_tensor_attach_buffer(nrt_tensor_t* tensor, void* buffer, size_t size);
/* A view into the storage of another tensor, which stays alive as long as any view does. */
NRT_STATUS nrt_tensor_allocate_slice(const nrt_tensor_t* source, size_t offset, size_t size,
                                     const char* name, nrt_tensor_t** slice);
void nrt_tensor_free(nrt_tensor_t** tensor);
NRT_STATUS nrt_tensor_read(const nrt_tensor_t* tensor, void* buffer, size_t offset, size_t size);
NRT_STATUS nrt_tensor_write(nrt_tensor_t* tensor, const void* buffer, size_t offset, size_t size);
NRT_STATUS nrt_tensor_copy(const nrt_tensor_t* source, size_t source_offset,
                           nrt_tensor_t* destination, size_t destination_offset, size_t size);
NRT_STATUS nrt_tensor_memset(nrt_tensor_t* tensor, uint64_t offset, int value, size_t size);
size_t nrt_tensor_get_size(const nrt_tensor_t* tensor);
void* nrt_tensor_get_va(const nrt_tensor_t* tensor);

/* Tensor sets: tensors under the names that a package uses. They do not own tensors. */
NRT_STATUS nrt_allocate_tensor_set(nrt_tensor_set_t** set);
void nrt_destroy_tensor_set(nrt_tensor_set_t** set);
/* Adds the tensor, or replaces the one that has this name. */
NRT_STATUS nrt_add_tensor_to_tensor_set(nrt_tensor_set_t* set, const char* name,
                                        nrt_tensor_t* tensor);
/* NRT_FAILURE when there is no such name; nothing is written then. */
NRT_STATUS nrt_get_tensor_from_tensor_set(nrt_tensor_set_t* set, const char* name,
                                          nrt_tensor_t** tensor);

NRT_STATUS nrt_execute(nrt_model_t* model, const nrt_tensor_set_t* inputs,
                       nrt_tensor_set_t* outputs);
/* Executes `repeat_count` times; outputs of one execution are inputs of the next: those of the same
 * name, else those that stand at the same place and have the same size. */
NRT_STATUS nrt_execute_repeat(nrt_model_t* model, const nrt_tensor_set_t* inputs,
                              nrt_tensor_set_t* outputs, int repeat_count);

/* Several reads or writes of several tensors in one call. */
typedef struct nrt_tensor_batch_op {
  uint64_t offset; /* in the tensor */
  uint64_t size;
  void* buffer;
} nrt_tensor_batch_op_t;
typedef struct nrt_tensor_batch {
  const nrt_tensor_t* tensor;
  nrt_tensor_batch_op_t* ops;
  uint32_t num_ops;
} nrt_tensor_batch_t;
/* `unsafe` promises that nobody uses the tensors meanwhile; it changes nothing here. */
NRT_STATUS nrt_tensor_read_batch(const nrt_tensor_batch_t* batches, uint64_t num_batches,
                                 bool unsafe);
NRT_STATUS nrt_tensor_write_batch(const nrt_tensor_batch_t* batches, uint64_t num_batches,
                                  bool unsafe);

/* Where a tensor lies on its device. */
typedef struct nrt_tensor_device_allocation_info {
  uint64_t physical_address;
  size_t size;
  int hbm_index;
} nrt_tensor_device_allocation_info_t;
NRT_STATUS nrt_tensor_get_device_allocation_info(const nrt_tensor_t* tensor,
                                                 nrt_tensor_device_allocation_info_t* alloc_info);
/* The logical core of a device tensor; -1 of a tensor in host memory. */
NRT_STATUS nrt_tensor_get_lnc_index(const nrt_tensor_t* tensor, int* lnc_idx);

/* Counts how often executions have completed the output `tensor`: waits until it is at least
 * `expected_count`, NRT_TIMEOUT after `timeout_us` (negative: no limit). */
NRT_STATUS nrt_tensor_check_output_completion(const nrt_tensor_t* output_tensor, int64_t timeout_us,
                                              uint64_t expected_completion_count);
NRT_STATUS nrt_tensor_reset_output_completion(nrt_tensor_t* output_tensor);

/* Device memory of a logical core in bytes. `size_in` is sizeof of the caller's struct. */
typedef struct nrt_vnc_memory_stats {
  size_t bytes_used;
  size_t bytes_limit;
} nrt_vnc_memory_stats_t;
NRT_STATUS nrt_get_vnc_memory_stats(uint32_t vnc, nrt_vnc_memory_stats_t* stats,
                                    size_t stats_size_in, size_t* stats_size_out);

/* What only hardware has; how each answers here stands beside it. */
/* NRT_FAILURE: simulated memory has no dma-buf (NRT_INVALID: not device memory at all). */
NRT_STATUS nrt_get_dmabuf_fd(uint64_t va, uint64_t size, int* fd);
NRT_STATUS nrt_get_dmabuf_fd_v2(uint64_t va, uint64_t size, int* fd, uint64_t* offset);
/* Outside containers a device's number on the host is its own. */
NRT_STATUS nrt_host_device_id_get(int neuron_dev, uint32_t* host_device_id);
/* NRT_RESOURCE: simulated devices have no routing ids. */
NRT_STATUS nrt_host_device_id_rid_map_get(uint32_t* count, uint32_t* host_did_to_rid_map);
NRT_STATUS nrt_get_device_id(int lnc, int* device_id);
/* NRT_RESOURCE: device memory is not mapped whole; NRT_INVALID_HANDLE past the last HBM. */
NRT_STATUS nrt_get_hbm_mmap_va(int device_id, int hbm_id, void** va, size_t* size);
/* NRT_FAILURE: no EFA device is attached. */
NRT_STATUS nrt_get_attached_efa_bdf(const void* va, char* efa_bdf, size_t* len);

/* Host memory that devices may reach. Free with nrt_pinned_free. */
typedef enum nrt_pinned_type {
  NRT_PINNED_MALLOC = 0,
  NRT_PINNED_HUGEPAGE_2M = 1,
  NRT_PINNED_HUGEPAGE_1G = 2
} nrt_pinned_type_t;
void* nrt_pinned_malloc(size_t size, nrt_pinned_type_t type);
void nrt_pinned_free(void* memory);

/* Collectives: a group of ranks. */
typedef struct nrt_cc_comm {
  uint32_t* replica_group; /* rank_n ids */
  uint32_t rank;
  uint32_t rank_n;
  uint32_t ctx_device_id;
  uint32_t ctx_device_count;
  uint32_t vnc;
} nrt_cc_comm_t;
typedef struct nrt_tensor_list {
  nrt_tensor_t** tensors;
  size_t count;
} nrt_tensor_list_t;
/* Logical core `vnc` becomes rank `g_device_id` of a world of `g_device_count`. Ranks meet at
 * NEURON_RT_ROOT_COMM_ID, where rank 0 listens; without it all are of this process. The call does
 * not wait for the others: the first operation does, and fails with NRT_EXEC_HW_ERR_COLLECTIVES
 * when one does not come. After such a failure the same call joins anew. */
NRT_STATUS nrt_build_global_comm(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count);
NRT_STATUS nrt_cc_global_comm_init(uint32_t vnc, uint32_t ctx_device_id, uint32_t ctx_device_count);
NRT_STATUS nrt_cc_create_stream(uint32_t vnc);

#ifdef __cplusplus
}
#endif
#endif
