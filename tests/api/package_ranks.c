/* SPDX-License-Identifier: Apache-2.0 */
/* A package with a collective operation, loaded by nrt_load_collectives and executed twice:
 *   package_ranks FILE OPERATION FLOATS FIRST COUNT WORLD [halves|hangs]
 * Logical cores 0.. of this process are the ranks FIRST.., a thread each. See collective-package.
 * "hangs": the last rank of all does its part once, then nothing any more.
 */
#include <nrt/nrt.h>
#include <nrt/nrt_experimental.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 8

static const char* operation;
static char* neff;
static size_t neff_size, floats;
static uint32_t first, world, halves, hangs;
static int failed;

struct rank {
  uint32_t vnc;
  pthread_t thread;
  const char* verdict;
};

/* What rank `r` gives in round `round`, element i: exact in every sum of eight. */
static float given(uint32_t r, int round, size_t i) {
  return (float)((i * 7 + r * 131 + (size_t)round * 17) % 1009);
}

static uint32_t members(void) { return halves ? world / 2 : world; }
static uint32_t member(uint32_t r, uint32_t m) { return halves ? 2 * m + r % 2 : m; }

static float sum(uint32_t r, int round, size_t i) {
  float s = 0;
  uint32_t m;
  for (m = 0; m < members(); ++m) s += given(member(r, m), round, i);
  return s;
}

/* What the definition of the operation says that rank `r` gets; -1: nothing is written. */
static float expected(uint32_t r, int round, size_t i) {
  uint32_t n = members(), own = halves ? r / 2 : r;
  size_t part = floats / n;
  if (!strcmp(operation, "all_gather"))
    return given(member(r, (uint32_t)(i / floats)), round, i % floats);
  if (!strcmp(operation, "all_reduce")) return sum(r, round, i);
  if (!strcmp(operation, "reduce_scatter")) return sum(r, round, own * part + i);
  if (!strcmp(operation, "all_to_all"))
    return given(member(r, (uint32_t)(i / part)), round, own * part + i % part);
  if (!strcmp(operation, "permute")) return given(member(r, (own + n - 1) % n), round, i);
  return own == n - 1 ? given(member(r, 0), round, i) : -1;
}

static nrt_tensor_t* tensor(uint32_t vnc, size_t count) {
  nrt_tensor_t* t = NULL;
  if (nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, (int)vnc, count * 4, NULL, &t)) exit(3);
  return t;
}

static const char* run(uint32_t vnc) {
  uint32_t r = first + vnc;
  size_t i, count = floats;
  int round;
  nrt_model_t* model = NULL;
  nrt_tensor_set_t *ins = NULL, *outs = NULL;
  nrt_tensor_t *x, *y;
  NRT_STATUS status = nrt_load_collectives(neff, neff_size, (int32_t)vnc, 1, r, world, &model);
  if (status) return nrt_get_status_as_str(status);
  if (!strcmp(operation, "all_gather")) count *= members();
  if (!strcmp(operation, "reduce_scatter")) count /= members();
  x = tensor(vnc, floats);
  y = tensor(vnc, count);
  nrt_allocate_tensor_set(&ins);
  nrt_allocate_tensor_set(&outs);
  nrt_add_tensor_to_tensor_set(ins, "x", x);
  nrt_add_tensor_to_tensor_set(outs, "y", y);
  for (round = 0; round < 2; ++round) {
    float* from = (float*)nrt_tensor_get_va(x);
    float* to = (float*)nrt_tensor_get_va(y);
    for (i = 0; i < floats; ++i) from[i] = given(r, round, i);
    for (i = 0; i < count; ++i) to[i] = -1;
    status = nrt_execute(model, ins, outs);
    if (status) return nrt_get_status_as_str(status);
    while (hangs && r == world - 1) sleep(60);
    for (i = 0; i < count; ++i)
      if (to[i] != expected(r, round, i)) return "wrong";
  }
  nrt_destroy_tensor_set(&ins);
  nrt_destroy_tensor_set(&outs);
  nrt_tensor_free(&x);
  nrt_tensor_free(&y);
  status = nrt_unload(model);
  return status ? nrt_get_status_as_str(status) : "right";
}

static void* begin(void* at) {
  struct rank* rank = (struct rank*)at;
  rank->verdict = run(rank->vnc);
  return NULL;
}

static int read_package(const char* path) {
  FILE* file = fopen(path, "rb");
  if (!file) return 0;
  fseek(file, 0, SEEK_END);
  neff_size = (size_t)ftell(file);
  rewind(file);
  neff = (char*)malloc(neff_size);
  if (!neff || fread(neff, 1, neff_size, file) != neff_size) return 0;
  return fclose(file) == 0;
}

int main(int argc, char** argv) {
  struct rank ranks[MOST];
  uint32_t count, i;
  if (argc < 7 || !read_package(argv[1])) return 2;
  operation = argv[2];
  floats = (size_t)atol(argv[3]);
  first = (uint32_t)atoi(argv[4]);
  count = (uint32_t)atoi(argv[5]);
  world = (uint32_t)atoi(argv[6]);
  halves = argc > 7 && !strcmp(argv[7], "halves");
  hangs = argc > 7 && !strcmp(argv[7], "hangs");
  if (count > MOST || nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "")) return 2;
  for (i = 0; i < count; ++i) {
    ranks[i].vnc = i;
    pthread_create(&ranks[i].thread, NULL, begin, &ranks[i]);
  }
  for (i = 0; i < count; ++i) {
    pthread_join(ranks[i].thread, NULL);
    printf("rank %u: %s\n", first + i, ranks[i].verdict);
    failed |= strcmp(ranks[i].verdict, "right") != 0;
  }
  nrt_close();
  free(neff);
  return failed;
}
