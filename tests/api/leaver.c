/* SPDX-License-Identifier: Apache-2.0 */
/* A client that leaves the closing to the end of the process: nrt_close is an exit handler, which
 * stands before the runtime was ever called, and requests are under way when main returns.
 *   leaver MODEL.neff
 */
#include <nrt/nrt.h>
#include <nrt/nrt_async.h>
#include <nrt/nrt_experimental.h>
#include <stdio.h>
#include <stdlib.h>

enum { kRequests = 64 };
static NRT_STATUS done[kRequests];

/* Runs last: its count is of what nrt_close waited for. */
static void tell(void) {
  int i, good = 0;
  for (i = 0; i < kRequests; ++i) good += done[i] == NRT_SUCCESS;
  printf("closed after %d requests\n", good);
}
static void close_all(void) {
  nrt_tensor_t* tensor = NULL;
  nrt_close();
  nrt_close();
  printf("then %s\n", nrt_get_status_as_str(
                          nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, 4, "late", &tensor)));
}

static void must(NRT_STATUS status, const char* what) {
  if (status == NRT_SUCCESS) return;
  printf("%s: %s\n", what, nrt_get_status_as_str(status));
  fflush(stdout);
  _Exit(1);
}

static nrt_model_t* load(const char* path) {
  static char bytes[1 << 20];
  nrt_model_t* model = NULL;
  FILE* file = fopen(path, "rb");
  if (!file) _Exit(1);
  must(nrt_load(bytes, fread(bytes, 1, sizeof bytes, file), -1, -1, &model), "load");
  fclose(file);
  return model;
}

int main(int argc, char** argv) {
  nrt_tensor_info_array_t* infos = NULL;
  nrt_tensor_set_t* sets[2] = {NULL, NULL};
  nrt_model_t* model;
  nrta_seq_t number;
  uint64_t i;
  if (argc < 2) return 2;
  atexit(tell);
  atexit(close_all);
  must(nrt_init(NRT_FRAMEWORK_TYPE_PYTORCH, "2.0", "1.0"), "init");
  model = load(argv[1]);
  if (nrt_unload((nrt_model_t*)sets) != NRT_INVALID_HANDLE) return 3;
  must(nrt_get_model_tensor_info(model, &infos), "tensors");
  must(nrt_allocate_tensor_set(&sets[0]), "set");
  must(nrt_allocate_tensor_set(&sets[1]), "set");
  for (i = 0; i < infos->tensor_count; ++i) {
    const nrt_tensor_info_t* info = &infos->tensor_array[i];
    nrt_tensor_t* tensor = NULL;
    must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, info->size, info->name, &tensor),
         "tensor");
    must(nrt_add_tensor_to_tensor_set(sets[info->usage], info->name, tensor), "add");
  }
  must(nrt_free_model_tensor_info(infos), "free");
  for (i = 0; i < kRequests; ++i) done[i] = NRT_FAILURE;
  for (i = 0; i < kRequests; ++i)
    must(nrta_execute_schedule(model, sets[0], sets[1], 0, &done[i], &number), "schedule");
  return 0;
}
