The columns and the arithmetic are those of nccom-test, under whose name the command runs too.

  $ nccom-test -r 2 -b 1kb -e 4kb -f 4 -d fp32 --stats avg p50 --show-input-output-size --report-to-json-file r.json allg
     size(B)    count(elems)    total_input_size(B)    total_output_size(B)      type    time:avg(us)    time:p50(us)    algbw(GB/s)    busbw(GB/s)
        1024             256                    512                    1024      fp32 <any>
        4096            1024                   2048                    4096      fp32 <any>
  Avg bus bandwidth:<any>GB/s
  $ grep -c busbw r.json; grep '"size(B)"' r.json
  2
              "size(B)": 1024,
              "size(B)": 4096,

All-reduce moves 2(r-1)/r of what it is given: with four ranks, the bus carries 1.5 times as much.

  $ neuron collectives -r 4 -n 2 -w 0 -b 4k -e 4k -d fp32 --json allr > r.json
  > awk -F'[:,]' '/algbw/ { a = $2 } /busbw/ { b = $2 } END { printf "%.3f\n", b / a }' r.json
  1.500

One rank needs nobody.

  $ neuron collectives -r 1 -n 1 -b 8 -e 8 --check allr | head -n 1
     size(B)    count(elems)      type    time:avg(us)    algbw(GB/s)    busbw(GB/s)

Under a launcher each process is a rank; srun's and mpirun's variables are known.

  $ export NEURON_RT_ROOT_COMM_ID=127.0.0.1:46829
  > OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 neuron collectives -n 1 -b 8 -e 8 -c allr & SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 neuron collectives -n 1 -b 8 -e 8 -c allr | wc -l; wait
  3
