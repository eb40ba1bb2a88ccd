/* SPDX-License-Identifier: Apache-2.0 */
/* A client as frameworks are: it asks where tensors are before it wraps them, schedules until a
 * queue is full, polls the numbers of requests, and watches one logical core.
 *   poller MODEL.neff CORE
 */
#include <nrt/nrt.h>
#include <nrt/nrt_async.h>
#include <nrt/nrt_experimental.h>
#include <nrt/nrt_sys_trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kBytes = 1 << 20, kMost = 100000 };

static void must(NRT_STATUS status, const char* what) {
  if (status == NRT_SUCCESS) return;
  printf("%s: %s\n", what, nrt_get_status_as_str(status));
  exit(1);
}

static nrt_model_t* load(const char* path, int core) {
  static char bytes[1 << 20];
  nrt_model_t* model = NULL;
  FILE* file = fopen(path, "rb");
  if (!file) exit(1);
  must(nrt_load(bytes, fread(bytes, 1, sizeof bytes, file), core, 1, &model), "load");
  fclose(file);
  return model;
}

static void give_tensors(nrt_model_t* model, int core, nrt_tensor_set_t** sets) {
  nrt_tensor_info_array_t* infos = NULL;
  uint64_t i;
  must(nrt_get_model_tensor_info(model, &infos), "tensors");
  must(nrt_allocate_tensor_set(&sets[NRT_TENSOR_USAGE_INPUT]), "set");
  must(nrt_allocate_tensor_set(&sets[NRT_TENSOR_USAGE_OUTPUT]), "set");
  for (i = 0; i < infos->tensor_count; ++i) {
    const nrt_tensor_info_t* info = &infos->tensor_array[i];
    nrt_tensor_t* tensor = NULL;
    must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, core, info->size, NULL, &tensor), "new");
    must(nrt_add_tensor_to_tensor_set(sets[info->usage], info->name, tensor), "add");
  }
  must(nrt_free_model_tensor_info(infos), "free");
}

/* Executes once and counts what happened on the core meanwhile. */
static int watched(nrt_model_t* model, int core, nrt_tensor_set_t** sets) {
  nrt_sys_trace_fetch_options_t* options = NULL;
  char* events = NULL;
  const char* at;
  size_t size = 0;
  int count = 0;
  must(nrt_sys_trace_start(NULL), "trace");
  must(nrt_execute(model, sets[0], sets[1]), "execute");
  must(nrt_sys_trace_fetch_options_allocate(&options), "options");
  must(nrt_sys_trace_fetch_options_set_nc_idx(options, (uint64_t)core), "core");
  must(nrt_sys_trace_fetch_events(&events, &size, options), "events");
  for (at = events; (at = strstr(at, "nc_exec_running")) != NULL; ++at) ++count;
  nrt_sys_trace_buffer_free(events);
  must(nrt_sys_trace_fetch_options_free(options), "options");
  must(nrt_sys_trace_stop(), "trace");
  return count;
}

/* Writes until there is no room for more requests, then waits for the last. */
static NRT_STATUS filled(nrt_tensor_t* tensor, int core) {
  static char bytes[kBytes];
  static NRT_STATUS done[kMost];
  NRT_STATUS status = NRT_SUCCESS;
  nrta_seq_t last = 0, now = 0;
  int i;
  for (i = 0; i < kMost && status == NRT_SUCCESS; ++i)
    status = nrta_tensor_write(tensor, bytes, 0, kBytes, core, 0, &done[i], &last);
  do must(nrta_get_sequence((uint32_t)core, NRTA_XU_TENSOR_OP, 0, &now), "sequence");
  while (NRTA_SEQ_GET_SEQ_NUM(now) < NRTA_SEQ_GET_SEQ_NUM(last));
  while (--i >= 0) must(done[i], "write");
  return status;
}

int main(int argc, char** argv) {
  nrt_tensor_set_t* sets[2] = {NULL, NULL};
  nrt_tensor_t *host = NULL, *device = NULL;
  nrt_model_t* model;
  const int core = argc > 2 ? atoi(argv[2]) : 0;
  int where = 7;
  if (argc < 2) return 2;
  must(nrt_init(NRT_FRAMEWORK_TYPE_INVALID, NULL, NULL), "init");
  must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, 16, NULL, &host), "host");
  must(nrt_tensor_get_lnc_index(host, &where), "where");
  printf("host memory is of core %d\n", where);
  must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, core, kBytes, NULL, &device), "device");
  must(nrt_tensor_get_lnc_index(device, &where), "where");
  printf("device memory is of core %d\n", where);
  model = load(argv[1], core);
  give_tensors(model, core, sets);
  printf("%d events of an execution on core %d\n", watched(model, core, sets), core);
  printf("then %s\n", nrt_get_status_as_str(filled(device, core)));
  nrt_close();
  return 0;
}
