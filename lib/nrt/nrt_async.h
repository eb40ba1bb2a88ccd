/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduling without waiting. Requests of one queue run in order; queues of a core run beside each
 * other: one for executions, two for tensors, three for collectives.
 *
 *   nrta_execute_schedule(model, in, out, 0, &status, &seq);
 *   do nrta_is_completed(seq, &done); while (!done);      -- then `status` says how it went
 *
 * Two generations of these functions differ in their arguments. The present one is the default; a
 * client of the older defines NRTA_V2, and links to functions of its own. */
#ifndef NRT_ASYNC_H
#define NRT_ASYNC_H

#include "nrt/nrt.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef NRTA_V2
#define NRTA_SYMBOL(name) __asm__(#name "_v2")
/* Execution units of a core. */
typedef enum nrta_xu {
  NRTA_XU_TENSOR_READ = 0,
  NRTA_XU_TENSOR_WRITE = 1,
  NRTA_XU_TENSOR_OP = 2,
  NRTA_XU_COMPUTE = 3,
  NRTA_XU_COLLECTIVES = 4,
  NRTA_XU_TYPE_NUM = 5
} nrta_xu_t;
#else
#define NRTA_SYMBOL(name)
/* Execution units of a core. */
typedef enum nrta_xu {
  NRTA_XU_TENSOR_OP = 0,
  NRTA_XU_COMPUTE = 1,
  NRTA_XU_COLLECTIVES = 2,
  NRTA_XU_TYPE_NUM = 3
} nrta_xu_t;
#endif

/* Number of a request: the unit in the upper 16 bits, a number that grows in the lower 48. */
typedef uint64_t nrta_seq_t;
typedef uint16_t nrta_xu_id_t;
#define NRTA_SEQ_NUM_BITS 48
#define NRTA_SEQ_NUM_MAX ((1ull << 48) - 1)
#define NRTA_SEQ_NUM_MASK NRTA_SEQ_NUM_MAX
#define NRTA_SEQ_GET_SEQ_NUM(seq) ((seq)&NRTA_SEQ_NUM_MASK)
#define NRTA_SEQ_GET_XU_ID(seq) ((nrta_xu_id_t)((seq) >> NRTA_SEQ_NUM_BITS))

typedef struct nrt_cc_context nrt_cc_context_t;

#ifdef NRTA_V2

/* Requests that failed, with their statuses. */
typedef struct nrta_error {
  nrta_seq_t seq_id;
  uint64_t error_code;
} nrta_error_t;
typedef struct nrta_error_tracker nrta_error_tracker_t;
NRT_STATUS nrta_error_tracker_create(uint32_t lnc_idx, nrta_error_tracker_t** error_tracker);
void nrta_error_tracker_destroy(nrta_error_tracker_t* error_tracker);
/* The list is the tracker's until the next call. */
NRT_STATUS nrta_error_tracker_get_list(nrta_error_tracker_t* error_tracker,
                                       const nrta_error_t** list, size_t* count);

NRT_STATUS nrta_tensor_write(nrt_tensor_t* tensor, const void* buf, uint64_t offset, uint64_t size,
                             int queue, nrta_error_tracker_t* err, nrta_seq_t* req_sequence)
    NRTA_SYMBOL(nrta_tensor_write);
NRT_STATUS nrta_tensor_read(void* buf, nrt_tensor_t* tensor, uint64_t offset, uint64_t size,
                            int queue, nrta_error_tracker_t* err, nrta_seq_t* req_sequence)
    NRTA_SYMBOL(nrta_tensor_read);
NRT_STATUS nrta_tensor_copy(nrt_tensor_t* src, uint64_t src_offset, nrt_tensor_t* dst,
                            uint64_t dst_offset, uint64_t size, int queue,
                            nrta_error_tracker_t* err, nrta_seq_t* req_sequence)
    NRTA_SYMBOL(nrta_tensor_copy);
NRT_STATUS nrta_execute_schedule(nrt_model_t* model, const nrt_tensor_set_t* input,
                                 nrt_tensor_set_t* output, int queue, nrta_error_tracker_t* err,
                                 nrta_seq_t* req_sequence) NRTA_SYMBOL(nrta_execute_schedule);
NRT_STATUS nrta_cc_schedule(nrt_cc_context_t** cc_ctx, int queue, nrta_error_tracker_t* err,
                            nrta_seq_t* req_sequence) NRTA_SYMBOL(nrta_cc_schedule);

#else

/* `ret` may be null; it is written before the request counts as completed. */
NRT_STATUS nrta_tensor_write(nrt_tensor_t* tensor, const void* buf, uint64_t offset, uint64_t size,
                             int lnc, int queue, NRT_STATUS* ret, nrta_seq_t* req_sequence);
NRT_STATUS nrta_tensor_read(void* buf, nrt_tensor_t* tensor, uint64_t offset, uint64_t size,
                            int lnc, int queue, NRT_STATUS* ret, nrta_seq_t* req_sequence);
NRT_STATUS nrta_tensor_copy(nrt_tensor_t* src, uint64_t src_offset, nrt_tensor_t* dst,
                            uint64_t dst_offset, uint64_t size, int queue, NRT_STATUS* ret,
                            nrta_seq_t* req_sequence);
NRT_STATUS nrta_execute_schedule(nrt_model_t* model, const nrt_tensor_set_t* input,
                                 nrt_tensor_set_t* output, int queue, NRT_STATUS* ret,
                                 nrta_seq_t* req_sequence);
NRT_STATUS nrta_cc_schedule(nrt_cc_context_t** cc_ctx, int queue, NRT_STATUS* ret,
                            nrta_seq_t* req_sequence);

/* Adds 1 to an eventfd of the caller when a request completes (at once if it has), or whenever any
 * request of a queue does; fd -1 deregisters. */
NRT_STATUS nrta_event_register_seq_id_completion(nrta_seq_t seq, int event_fd);
NRT_STATUS nrta_event_register_xu_completion(int lnc, nrta_xu_t xu, int queue, int fd);

#endif

/* A collective operation of the ranks of a replica group (null: all ranks): each input becomes the
 * output at its place. nrta_cc_schedule() takes the context, runs it in the order of its queue, and
 * needs the tensors until it has completed. All ranks of a group use the same queue. */
NRT_STATUS nrta_cc_prepare(nrt_cc_comm_t* comm, nrt_tensor_list_t* input, nrt_tensor_list_t* output,
                           nrt_dtype_t dtype, nrt_op_type_t op, nrt_cc_op_type_t cc_op,
                           nrt_cc_context_t** cc_ctx);
NRT_STATUS nrta_cc_prepare_coalesced(nrt_cc_comm_t* comm, nrt_tensor_list_t* inputs,
                                     nrt_tensor_list_t* outputs, nrt_dtype_t dtype,
                                     nrt_op_type_t op, nrt_cc_op_type_t cc_op,
                                     nrt_cc_context_t** cc_ctx);

/* NRT_INVALID for a number that was never given out. */
NRT_STATUS nrta_is_completed(nrta_seq_t seq, bool* is_completed);
/* The request that a queue completed last; its number is 0 before the first. */
NRT_STATUS nrta_get_sequence(uint32_t lnc, nrta_xu_t xu, int queue, nrta_seq_t* seq)
    NRTA_SYMBOL(nrta_get_sequence);
/* A descriptor that is readable once the request is complete; close() it. */
NRT_STATUS nrta_get_completion_handle(nrta_seq_t seq, int* fd);

#ifdef __cplusplus
}
#endif
#endif
