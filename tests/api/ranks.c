/* SPDX-License-Identifier: Apache-2.0 */
/* Collectives by the published functions, between cores of this process and with other processes:
 *   ranks FIRST COUNT WORLD [wait]     logical cores 0.. of this process are the ranks FIRST..
 * One thread is enough: joining does not wait, and operations are scheduled. */
#include <nrt/nrt.h>
#include <nrt/nrt_async.h>
#include <nrt/nrt_experimental.h>
#include <stdio.h>
#include <stdlib.h>

#define ELEMENTS 40000
#define MOST 8

static void must(NRT_STATUS status, const char* what) {
  if (status == NRT_SUCCESS) return;
  printf("%s: %s\n", what, nrt_get_status_as_str(status));
  exit(1);
}

static nrt_tensor_t* tensor(uint32_t vnc, size_t floats) {
  nrt_tensor_t* t = NULL;
  must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, (int)vnc, floats * 4, NULL, &t), "tensor");
  return t;
}

/* Schedules one operation of rank `rank`, whose core is `vnc`, on a queue. */
static nrta_seq_t start(nrt_cc_op_type_t what, uint32_t* group, uint32_t rank, uint32_t vnc,
                        uint32_t world, nrt_tensor_t* in, nrt_tensor_t* out, int queue,
                        NRT_STATUS* status) {
  nrt_cc_comm_t comm = {group, 0, 0, 0, 0, 0};
  nrt_tensor_list_t ins = {&in, 1}, outs = {&out, 1};
  nrt_cc_context_t* context = NULL;
  nrta_seq_t seq = 0;
  comm.rank = comm.ctx_device_id = rank;
  comm.rank_n = comm.ctx_device_count = world;
  comm.vnc = vnc;
  must(nrta_cc_prepare(&comm, &ins, &outs, NRT_DTYPE_FLOAT32, NRT_OP_ADD, what, &context),
       "prepare");
  must(nrta_cc_schedule(&context, queue, status, &seq), "schedule");
  return seq;
}

static void wait_for(nrta_seq_t seq) {
  bool done = false;
  while (!done) must(nrta_is_completed(seq, &done), "is_completed");
}

/* Every rank holds rank + 1 everywhere; `sum` is what all together hold. */
static int check(const nrt_tensor_t* t, size_t floats, uint32_t world, float sum) {
  const float* values = (const float*)nrt_tensor_get_va(t);
  size_t i, part = floats / world;
  for (i = 0; i < floats; ++i)
    if (values[i] != (sum != 0 ? sum : (float)(i / part) + 1)) return 0;
  return 1;
}

int main(int argc, char** argv) {
  uint32_t first, count, world, i, e, group[MOST];
  nrt_tensor_t *in[MOST], *sums[MOST], *parts[MOST], *all[MOST];
  nrta_seq_t seqs[MOST][3];
  NRT_STATUS status[MOST][3];
  float sum = 0;
  if (argc < 4) return 2;
  first = (uint32_t)atoi(argv[1]);
  count = (uint32_t)atoi(argv[2]);
  world = (uint32_t)atoi(argv[3]);
  if (count > MOST || world > MOST) return 2;
  must(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), "init");
  for (i = 0; i < world; ++i) group[i] = i;
  for (i = 0; i < world; ++i) sum += (float)i + 1;
  for (i = 0; i < count; ++i)
    must(nrt_build_global_comm((int32_t)i, first + i, world), "build_global_comm");
  for (i = 0; i < count; ++i) {
    in[i] = tensor(i, ELEMENTS);
    sums[i] = tensor(i, ELEMENTS);
    parts[i] = tensor(i, ELEMENTS / world);
    all[i] = tensor(i, ELEMENTS * (size_t)world);
    for (e = 0; e < ELEMENTS; ++e) ((float*)nrt_tensor_get_va(in[i]))[e] = (float)(first + i) + 1;
    seqs[i][0] =
        start(NRT_CC_ALLREDUCE, NULL, first + i, i, world, in[i], sums[i], 0, &status[i][0]);
    seqs[i][1] =
        start(NRT_CC_REDUCESCATTER, group, first + i, i, world, in[i], parts[i], 1, &status[i][1]);
    seqs[i][2] =
        start(NRT_CC_ALLGATHER, group, first + i, i, world, in[i], all[i], 2, &status[i][2]);
  }
  for (i = 0; i < count; ++i) {
    for (e = 0; e < 3; ++e) wait_for(seqs[i][e]);
    for (e = 0; e < 3; ++e) must(status[i][e], "collective");
    printf("rank %u: %s\n", first + i,
           check(sums[i], ELEMENTS, world, sum) && check(parts[i], ELEMENTS / world, world, sum) &&
                   check(all[i], ELEMENTS * (size_t)world, world, 0)
               ? "right"
               : "wrong");
  }
  if (argc > 4) { /* all ranks wait for each other here, so each needs a thread: one rank, here */
    uint32_t mine = first * 7, theirs[MOST];
    must(nrt_barrier(0, first, world), "barrier");
    must(nrt_all_gather(0, first, world, sizeof mine, &mine, theirs), "all_gather");
    for (i = 0; i < world; ++i)
      if (theirs[i] != i * 7) printf("all_gather: wrong\n");
  }
  for (i = 0; i < count; ++i) {
    nrt_tensor_free(&in[i]);
    nrt_tensor_free(&sums[i]);
    nrt_tensor_free(&parts[i]);
    nrt_tensor_free(&all[i]);
  }
  nrt_close();
  return 0;
}
