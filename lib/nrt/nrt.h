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

/* Element types, numbered as present runtimes number them. */
typedef enum {
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

/* What box this is. Pass sizeof; fewer bytes are filled for older callers. */
typedef struct nrt_instance_info {
  uint32_t family; /* 2 trn1, 3 trn1n, 4 inf2, 5 trn2 */
  uint32_t size; /* 0 xlarge, 1 2xlarge, 4 8xlarge, 5 24xlarge, 6 32xlarge, 7 48xlarge, 8 3xlarge */
  char arch_name[16];
  char device_revision[8];
} nrt_instance_info_t;
NRT_STATUS nrt_get_instance_info(nrt_instance_info_t* info, size_t size);

/* Takes the cores that NEURON_RT_VISIBLE_CORES or NEURON_RT_NUM_CORES choose. The two texts are
 * versions of a framework; both may be "" or null. */
NRT_STATUS nrt_init(nrt_framework_type_t framework, const char* fw_version,
                    const char* fal_version);
/* Unloads all models and gives the cores back. Tensors stay valid to free. */
void nrt_close(void);

/* Cores of the box (any time), and those that this process may use. */
NRT_STATUS nrt_get_total_nc_count(uint32_t* nc_count);
NRT_STATUS nrt_get_visible_nc_count(uint32_t* nc_count);
NRT_STATUS nrt_get_total_vnc_count(uint32_t* vnc_count);
NRT_STATUS nrt_get_visible_vnc_count(uint32_t* vnc_count);

/* Checks a package and places it on logical core `vnc` (-1: the runtime chooses). `vnc_count` is
 * kept for old callers; pass -1. The bytes may be freed after the call. */
NRT_STATUS nrt_load(const void* neff_bytes, size_t size, int32_t vnc, int32_t vnc_count,
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
NRT_STATUS nrt_add_tensor_to_tensor_set(nrt_tensor_set_t* set, const char* name,
                                        nrt_tensor_t* tensor);
/* NRT_FAILURE when there is no such name; nothing is written then. */
NRT_STATUS nrt_get_tensor_from_tensor_set(nrt_tensor_set_t* set, const char* name,
                                          nrt_tensor_t** tensor);

NRT_STATUS nrt_execute(nrt_model_t* model, const nrt_tensor_set_t* inputs,
                       nrt_tensor_set_t* outputs);

#ifdef __cplusplus
}
#endif
#endif
