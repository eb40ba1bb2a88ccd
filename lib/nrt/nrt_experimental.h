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
NRT_STATUS nrt_get_model_tensor_info(nrt_model_t* model, nrt_tensor_info_array_t** tensor_info);
NRT_STATUS nrt_free_model_tensor_info(nrt_tensor_info_array_t* tensor_info);
/* How many copies of the model are staged; at least 1. */
NRT_STATUS nrt_get_model_instance_count(const nrt_model_t* model, uint32_t* instance_count);

#ifdef __cplusplus
}
#endif
#endif
