/* SPDX-License-Identifier: Apache-2.0 */
/* A client of the older generations: the guide's numbers of types, an nrt_close with a status, and
 * requests with error trackers.  older MODEL.neff
 */
#define NRT_GUIDE_API
#define NRTA_V2
#include <nrt/nrt_async.h>
#include <nrt/nrt_experimental.h>
#include <stdio.h>
#include <stdlib.h>

static void must(NRT_STATUS status, const char* what) {
  if (status == NRT_SUCCESS) return;
  printf("%s: %s\n", what, nrt_get_status_as_str(status));
  exit(1);
}

int main(int argc, char** argv) {
  FILE* file = argc > 1 ? fopen(argv[1], "rb") : NULL;
  static char neff[64 << 20];
  size_t size = file ? fread(neff, 1, sizeof neff, file) : 0;
  nrt_model_t* model = NULL;
  nrt_tensor_info_array_t* infos = NULL;
  nrt_tensor_t* tensor = NULL;
  nrta_error_tracker_t* tracker = NULL;
  const nrta_error_t* errors = NULL;
  nrta_seq_t seq = 0, last = 0;
  size_t count = 0;
  bool done = false;
  char bytes[4] = "";
  must(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), "init");
  must(nrt_load(neff, size, -1, -1, &model), "load");
  must(nrt_get_model_tensor_info(model, &infos), "tensor info");
  printf("first tensor: type %d, float32 is %d\n", (int)infos->tensor_array[0].dtype,
         (int)NRT_DTYPE_FLOAT32);
  nrt_free_model_tensor_info(infos);
  must(nrta_error_tracker_create(0, &tracker), "tracker");
  must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 4, NULL, &tensor), "tensor");
  must(nrta_tensor_write(tensor, "abc", 0, 4, 0, tracker, &seq), "write");
  must(nrta_tensor_read(bytes, tensor, 0, 4, 0, tracker, &seq), "read");
  must(nrta_tensor_copy(tensor, 0, tensor, 0, 4, 1, tracker, &seq), "copy");
  must(nrt_async_drain_queued_execs(0), "drain");
  must(nrta_is_completed(seq, &done), "completed");
  must(nrta_get_sequence(0, NRTA_XU_TENSOR_WRITE, 0, &last), "sequence");
  if (nrta_execute_schedule(NULL, NULL, NULL, 0, tracker, &seq) == NRT_SUCCESS) return 1;
  if (nrta_cc_schedule(NULL, 0, tracker, &seq) == NRT_SUCCESS) return 1;
  must(nrta_error_tracker_get_list(tracker, &errors, &count), "errors");
  printf("read %s, complete %d, %d errors\n", bytes, done, (int)count);
  nrta_error_tracker_destroy(tracker);
  nrt_tensor_free(&tensor);
  must(nrt_close(), "close");
  printf("closed twice: %s\n", nrt_get_status_as_str(nrt_close()));
  return 0;
}
