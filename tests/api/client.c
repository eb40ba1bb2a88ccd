/* SPDX-License-Identifier: Apache-2.0 */
/* A plain C99 client of libnrt, as an application would write one: loads a package, fills every
 * input with a counting pattern or a file, executes, and prints a checksum of each output.
 *   client MODEL.neff [NAME FILE]...
 */
#include <nrt/nrt.h>
#include <nrt/nrt_experimental.h>
#include <nrt/nrt_version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(NRT_STATUS status, const char* what) {
  if (status == NRT_SUCCESS) return;
  fprintf(stderr, "%s: %s\n", what, nrt_get_status_as_str(status));
  exit(1);
}

static void* read_whole(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  void* bytes;
  if (!file) {
    perror(path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(*size);
  if (fread(bytes, 1, *size, file) != *size) exit(1);
  fclose(file);
  return bytes;
}

static const char* file_for(const char* name, int argc, char** argv) {
  int i;
  for (i = 2; i + 1 < argc; i += 2)
    if (strcmp(argv[i], name) == 0) return argv[i + 1];
  return NULL;
}

int main(int argc, char** argv) {
  nrt_model_t* model = NULL;
  nrt_tensor_info_array_t* infos = NULL;
  nrt_tensor_set_t* sets[2] = {NULL, NULL};
  nrt_tensor_t** tensors;
  nrt_version_t version;
  uint32_t cores = 0;
  size_t size = 0;
  uint64_t i, j;
  void* neff;

  if (argc < 2) {
    fprintf(stderr, "usage: client MODEL.neff [NAME FILE]...\n");
    return 2;
  }
  neff = read_whole(argv[1], &size);
  if (nrt_load(neff, size, -1, -1, &model) != NRT_UNINITIALIZED) return 3;
  must(nrt_get_version(&version, sizeof version), "version");
  must(nrt_get_total_nc_count(&cores), "cores before init");
  must(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""), "init");
  must(nrt_load(neff, size, -1, -1, &model), "load");
  free(neff);
  must(nrt_get_model_tensor_info(model, &infos), "tensor info");
  must(nrt_allocate_tensor_set(&sets[0]), "input set");
  must(nrt_allocate_tensor_set(&sets[1]), "output set");
  tensors = calloc(infos->tensor_count, sizeof *tensors);
  for (i = 0; i < infos->tensor_count; i++) {
    const nrt_tensor_info_t* info = &infos->tensor_array[i];
    const char* path = file_for(info->name, argc, argv);
    must(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, info->size, info->name, &tensors[i]),
         info->name);
    must(nrt_add_tensor_to_tensor_set(sets[info->usage], info->name, tensors[i]), info->name);
    if (path) {
      void* bytes = read_whole(path, &size);
      must(nrt_tensor_write(tensors[i], bytes, 0, size), path);
      free(bytes);
    }
  }
  if (nrt_tensor_write(tensors[0], "x", nrt_tensor_get_size(tensors[0]), 1) != NRT_INVALID)
    return 4;
  must(nrt_execute(model, sets[0], sets[1]), "execute");
  for (i = 0; i < infos->tensor_count; i++) {
    const nrt_tensor_info_t* info = &infos->tensor_array[i];
    unsigned char* bytes = malloc(info->size);
    unsigned long sum = 0;
    if (info->usage != NRT_TENSOR_USAGE_OUTPUT) {
      free(bytes);
      continue;
    }
    must(nrt_tensor_read(tensors[i], bytes, 0, info->size), info->name);
    for (j = 0; j < info->size; j++) sum = sum * 31 + bytes[j];
    printf("%s: %u dimensions, %lu bytes, checksum %08lx\n", info->name, info->ndim,
           (unsigned long)info->size, sum & 0xffffffffUL);
    free(bytes);
  }
  for (i = 0; i < infos->tensor_count; i++) nrt_tensor_free(&tensors[i]);
  free(tensors);
  nrt_destroy_tensor_set(&sets[0]);
  nrt_destroy_tensor_set(&sets[1]);
  must(nrt_free_model_tensor_info(infos), "free info");
  must(nrt_unload(model), "unload");
  nrt_close();
  if (nrt_load(NULL, 0, -1, -1, &model) != NRT_CLOSED) return 5;
  puts("done");
  return 0;
}
