/* SPDX-License-Identifier: Apache-2.0 */
/* MPI_Allreduce of float32 measured as `neuron collectives` measures: one after another, each as
 * long as the slowest rank took. Prints the size and microseconds on average.  mpi_allreduce BYTES
 * ITERATIONS
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int by_size(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  int rank, i, iterations = argc > 2 ? atoi(argv[2]) : 20;
  size_t bytes = argc > 1 ? (size_t)atoll(argv[1]) : 1 << 20;
  float *in = calloc(bytes, 1), *out = calloc(bytes, 1);
  double *own = calloc((size_t)iterations + 5, sizeof(double)),
         *longest = calloc((size_t)iterations + 5, sizeof(double));
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (i = 0; i < iterations + 5; ++i) {
    double begin = MPI_Wtime();
    MPI_Allreduce(in, out, (int)(bytes / 4), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    own[i] = (MPI_Wtime() - begin) * 1e6;
    if (i == 4) MPI_Barrier(MPI_COMM_WORLD);
  }
  MPI_Reduce(own, longest, iterations + 5, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
  qsort(longest + 5, (size_t)iterations, sizeof(double), by_size);
  if (rank == 0) printf("%zu %.2f\n", bytes, longest[5 + (iterations - 1) / 2]);
  MPI_Finalize();
  free(in);
  free(out);
  free(own);
  free(longest);
  return 0;
}
