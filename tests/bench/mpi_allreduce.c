/* SPDX-License-Identifier: Apache-2.0 */
/* MPI_Allreduce of float32 in sizes as `neuron collectives` has them: size and microseconds of the
 * slowest rank, on average.  mpi_allreduce BYTES ITERATIONS */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  int rank, i, iterations = argc > 2 ? atoi(argv[2]) : 20;
  size_t bytes = argc > 1 ? (size_t)atoll(argv[1]) : 1 << 20;
  float *in = calloc(bytes, 1), *out = calloc(bytes, 1);
  double own = 0, sum = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (i = 0; i < iterations + 5; ++i) {
    double longest, begin = MPI_Wtime();
    MPI_Allreduce(in, out, (int)(bytes / 4), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    own = (MPI_Wtime() - begin) * 1e6;
    MPI_Allreduce(&own, &longest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    if (i >= 5) sum += longest;
  }
  if (rank == 0) printf("%zu %.2f\n", bytes, sum / iterations);
  MPI_Finalize();
  free(in);
  free(out);
  return 0;
}
