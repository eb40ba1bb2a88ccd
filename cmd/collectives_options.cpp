// SPDX-License-Identifier: Apache-2.0
#include "cmd/collectives_options.h"

namespace neuron::cmd {
namespace {

void add_sizes(CLI::App& app, CollectivesOptions& o) {
  app.add_option("-b,--minbytes", o.minimum, "smallest size: bytes, or with k, M or G")
      ->type_name("SIZE")
      ->capture_default_str();
  app.add_option("-e,--maxbytes", o.maximum, "largest size")
      ->type_name("SIZE")
      ->capture_default_str();
  auto* step = app.add_option("-i,--stepbytes", o.step,
                              "difference of two sizes; a tenth of the range by default")
                   ->type_name("SIZE");
  app.add_option("-f,--stepfactor", o.factor, "quotient of two sizes")
      ->type_name("N")
      ->excludes(step);
  app.add_option("-d,--datatype", o.type,
                 "element type: uint8, int8, fp8, uint16, int16, fp16, bf16, "
                 "uint32, int32, fp32")
      ->type_name("TYPE")
      ->capture_default_str();
}

void add_workers(CLI::App& app, CollectivesOptions& o) {
  app.add_option("-r,--nworkers", o.workers, "ranks; each is a process")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  app.add_option("-N,--nnodes", o.nodes, "hosts that share the ranks; 1 by default")
      ->type_name("N");
  app.add_option("-s,--hosts", o.hosts, "the hosts, in the order of their ranks")
      ->type_name("HOST");
  app.add_option("--hosts-file", o.hosts_file, "file of host names")->type_name("FILE");
  app.add_option("--rsh", o.remote_shell, "words that run a command on the host named after them")
      ->type_name("WORDS")
      ->capture_default_str();
  app.add_flag("--non-interactive", o.is_quiet, "accepted: nothing is ever asked");
}

void add_repeats(CLI::App& app, CollectivesOptions& o) {
  app.add_option("-n,--iters", o.iterations, "measured operations of each size")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("-w,--warmup_iters", o.warm_up, "operations before them")
      ->type_name("N")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.add_option("-I,--neff_iters", o.neff_iterations, "measure so many times as often")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  app.add_option("-W,--neff_warmup_iters", o.neff_warm_up, "the same for the warm-up")
      ->type_name("N")
      ->check(CLI::Range(0, 1000));
  app.add_option("-c,--check", o.check, "compare results of random (or all_ones) inputs first")
      ->type_name("[random|all_ones]")
      ->expected(0, 2)
      ->default_str("random");
  app.add_flag("--unique-buff", o.has_own_buffers,
               "each measured operation has buffers of its own, not the same ones");
  app.add_flag("--shared-output-buff", o.shares_output,
               "one output for all operations, as they have without --unique-buff");
  app.add_option("--seed", o.seed, "seed of random inputs; the time by default")->type_name("N");
}

void add_shapes(CLI::App& app, CollectivesOptions& o) {
  app.add_option("--custom-replica-groups", o.groups,
                 "JSON: {\"replica_groups\": [[[0, 1], [2, 3]]]}")
      ->type_name("FILE");
  app.add_option("--custom-src-target-pairs", o.pairs,
                 "JSON of permute: {\"src_target_pairs\": [[[0, 1], [1, 0]]]}")
      ->type_name("FILE");
  app.add_option("--variable-size-op-metadata", o.metadata,
                 "JSON of all_gatherv and alltoallv: {\"metadata\": "
                 "[{\"send_counts\": ..}]}")
      ->type_name("FILE");
}

void add_report(CLI::App& app, CollectivesOptions& o) {
  app.add_option("-t,--stats", o.shown.stats, "columns of times: avg, p50, p99 ...")
      ->type_name("STAT");
  app.add_flag("--show-input-output-size", o.shown.shows_sizes,
               "columns of the bytes that a rank gives and gets");
  app.add_flag("--show-algorithm", o.shown.shows_algorithm,
               "a column of how the data moves: mesh, rdh, ring, kangaring, hier");
  app.add_flag("--predict", o.predicts,
               "no rank runs: show the modelled time on NEURON_SIM_INSTANCE, "
               "--nnodes of them");
  app.add_option("--report-to-json-file", o.report, "also write the results as JSON")
      ->type_name("FILE");
  app.add_flag("--debug", o.is_debug, "log what ranks do: NEURON_RT_LOG_LEVEL=DEBUG");
  app.add_flag("--json", o.json, "print JSON instead of the table");
}

/// Options of nccom-test that nothing here stands behind, and why.
constexpr struct {
  const char *name, *why;
} kRefused[] = {
    {"--coalesced-cc-size-ratio", "operations are not coalesced"},
    {"--streams-json", "one operation runs at a time"},
    {"--sb2sb", "buffers are those of processes"},
    {"--input-shape", "operations have sizes, no shapes"},
    {"--output-shape", "operations have sizes, no shapes"},
    {"--cc-dim", "operations have sizes, no shapes"},
    {"--data-parallel-dimension", "name the groups by --custom-replica-groups"},
    {"--mpi-log-dir", "workers write to this terminal"},
    {"-S,--slurm-mode", "start the command by srun instead"},
    {"-u,--slurm-vcpus-per-node", "start the command by srun instead"},
    {"--slurm-setup-script", "start the command by srun instead"},
    {"--slurm-job-id", "start the command by srun instead"},
    {"--slurm-use-head-node-neuron-bench", "start the command by srun instead"},
    {"--vcpu-pin-mode", "workers have a core each where there are enough; else pin them by mpirun"},
    {"--data-collector-port", "results come from rank 0"},
    {"--data-collector-host", "results come from rank 0"},
};

void refuse_the_rest(CLI::App& app) {
  for (const auto& row : kRefused)
    app.add_option(
           row.name,
           [&row](const CLI::results_t&) -> bool {
             throw CLI::ValidationError(row.name, std::string("is not built here: ") + row.why);
           },
           "")
        ->expected(0, 1)
        ->group("");
}

}  // namespace

void add_options(CLI::App& app, CollectivesOptions& o) {
  app.add_option("operation", o.operation, "allr, allg, redsct, sendrecv, alltoall, permute ...")
      ->type_name("OPERATION");
  add_workers(app, o);
  add_sizes(app, o);
  add_repeats(app, o);
  add_shapes(app, o);
  add_report(app, o);
  refuse_the_rest(app);
}

}  // namespace neuron::cmd
