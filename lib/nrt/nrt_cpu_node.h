/* SPDX-License-Identifier: Apache-2.0 */
/* How a package's CPU operators are called. A CPU node names a function of cpu.so; it is the packed
 * function of TVM's C interface, so libraries that TVM compiled run as they are. One written by
 * hand takes its inputs first, then its outputs:
 *
 *   #include <nrt/nrt_cpu_node.h>
 *   int fused_relu(nrt_cpu_value_t* values, int* codes, int count, void* ret, int* ret_code,
 *                  void* resource) {
 *     const nrt_cpu_tensor_t* in = values[0].tensor;
 *     ...
 *     return 0;      -- anything else fails the execution
 *   }
 *
 * It runs in the thread that called nrt_execute, at the same time as others, on memory of the
 * host. */
#ifndef NRT_CPU_NODE_H
#define NRT_CPU_NODE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The code of a value that is a tensor; the only kind that nodes get. */
#define NRT_CPU_TENSOR_CODE 7

enum { NRT_CPU_INT = 0, NRT_CPU_UINT = 1, NRT_CPU_FLOAT = 2, NRT_CPU_BFLOAT = 4 };

typedef struct nrt_cpu_dtype {
  uint8_t code; /* NRT_CPU_INT ... */
  uint8_t bits;
  uint16_t lanes; /* 1 */
} nrt_cpu_dtype_t;

typedef struct nrt_cpu_tensor {
  void* data; /* elements in C order */
  struct {
    int32_t type; /* 1: host memory */
    int32_t id;
  } device;
  int32_t ndim;
  nrt_cpu_dtype_t dtype;
  int64_t* shape;
  int64_t* strides; /* null: dense */
  uint64_t byte_offset;
} nrt_cpu_tensor_t;

typedef union nrt_cpu_value {
  int64_t integer;
  double real;
  nrt_cpu_tensor_t* tensor;
} nrt_cpu_value_t;

typedef int (*nrt_cpu_node_t)(nrt_cpu_value_t* values, int* codes, int count, void* ret,
                              int* ret_code, void* resource);

#ifdef __cplusplus
}
#endif
#endif
