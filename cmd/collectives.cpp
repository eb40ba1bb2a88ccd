// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/file.h"
#include "cmd/collectives_options.h"
#include "cmd/collectives_predict.h"
#include "cmd/command.h"
#include "cmd/launch.h"
#include "nrt/collectives/worlds.h"
#include "nrt/settings.h"

namespace neuron::cmd {
namespace {

Result<> report_end(const CollectivesOptions& o, const CollectivesReport& report, Terminal& io) {
  const Json all{{"results", report.results()}};
  if (!o.json) io.out << report.footer() << "\n";
  if (o.json) io.out << json::text_of(all, 4) << "\n";
  if (!o.report.empty()) TRY(write_file(o.report, view_of(json::text_of(all, 4) + "\n")));
  return {};
}

/// One rank, whoever started it.
Result<> work(const CollectivesOptions& o, const nrt::cc::Benchmark& benchmark,
              const nrt::cc::BenchmarkOptions& b, nrt::cc::World& world, Terminal& io) {
  const std::size_t members = b.groups.empty() ? world.ranks() : b.groups[0].size();
  CollectivesReport report(benchmark, o.shown, b.type, static_cast<double>(members));
  TRY(world.ready());
  if (world.rank() == 0 && !o.json) io.out << report.header() << std::endl;
  TRY(run_benchmark(world, benchmark, b, [&](const nrt::cc::BenchmarkRow& row) {
    const std::string line = report.add(row);
    if (!o.json) io.out << line << std::endl;
  }));
  return world.rank() == 0 ? report_end(o, report, io) : Result<>();
}

Result<int> timeout() {
  const auto seconds = TRY(nrt::settings::number("NEURON_SIM_COLLECTIVES_TIMEOUT"));
  return static_cast<int>(std::clamp<std::uint64_t>(seconds, 1, 1000000));
}

Result<> run_worker(const CollectivesOptions& o, const nrt::cc::Benchmark& benchmark,
                    const nrt::cc::BenchmarkOptions& b, const WorkerPlace& place, Terminal& io) {
  if (o.workers != 0 && o.workers != place.ranks)
    return fail(Code::BadUsage, "--nworkers is {}, {} started {}", o.workers, place.launcher,
                place.ranks);
  std::string text = nrt::settings::text("NEURON_RT_ROOT_COMM_ID");
  if (text.empty()) text = kDefaultRoot;
  const auto id = TRY(nrt::cc::parse_root(text));
  const int seconds = TRY(timeout());
  std::unique_ptr<nrt::cc::Root> root;  // our own launcher has it already
  if (place.rank == 0 && !std::getenv("NEURON_COLLECTIVES_RANK"))
    root = TRY(nrt::cc::Root::open(id, place.ranks, seconds));
  const auto world = nrt::cc::World::open({place.rank, place.ranks, id, seconds});
  return work(o, benchmark, b, *world, io).within(fmt::format("rank {}", place.rank));
}

/// All ranks as processes; this one is only where they meet.
Result<> run_workers(const CollectivesOptions& o, const nrt::cc::Benchmark& benchmark,
                     const nrt::cc::BenchmarkOptions& b, Terminal& io) {
  if (o.workers == 0) return fail(Code::BadUsage, "--nworkers is needed");
  WorkerPlan plan;
  plan.ranks = o.workers;
  plan.hosts = TRY(hosts_of(o));
  plan.remote_shell = o.remote_shell;
  const int seconds = TRY(timeout());
  if (o.workers == 1) {
    const auto world = nrt::cc::World::open({0, 1, {}, seconds});
    return work(o, benchmark, b, *world, io);
  }
  std::string text = nrt::settings::text("NEURON_RT_ROOT_COMM_ID");
  if (text.empty() && plan.hosts.size() > 1)
    return fail(Code::BadUsage,
                "NEURON_RT_ROOT_COMM_ID is needed with several hosts: an address of this host that "
                "the others reach, and a free port");
  if (text.empty()) text = "127.0.0.1:0";
  const auto id = TRY(nrt::cc::parse_root(text));
  const auto root = TRY(nrt::cc::Root::open(id, o.workers, seconds));
  plan.root = root->id().text();
  return launch_workers(plan, seconds + 10);
}

/// No rank runs: the clock alone is asked.
Result<> predict(const CollectivesOptions& o, const nrt::cc::Benchmark& benchmark,
                 const nrt::cc::BenchmarkOptions& b, Terminal& io) {
  if (o.workers == 0) return fail(Code::BadUsage, "--nworkers is needed");
  const std::uint32_t boxes = std::max(1u, o.nodes);
  CollectivesReport report(benchmark, o.shown, b.type, o.workers);
  for (const std::uint64_t size : b.sizes) {
    const auto row = TRY(predict_row(benchmark, size, b.type, o.workers, boxes));
    if (!o.json && size == b.sizes.front()) io.out << report.header() << "\n";
    const std::string line = report.add(row);
    if (!o.json) io.out << line << "\n";
  }
  return report_end(o, report, io);
}

Result<> run_collectives(CollectivesOptions o, Terminal& io) {
  const auto* benchmark = TRY(operation_of(o));
  if (o.shown.stats.empty()) o.shown.stats = {"avg"};
  TRY(check_stats(o.shown.stats));
  if (o.is_debug) ::setenv("NEURON_RT_LOG_LEVEL", "DEBUG", 1);
  const auto b = TRY(benchmark_options(o, *benchmark));
  if (o.predicts) return predict(o, *benchmark, b, io);
  const auto place = TRY(worker_place());
  if (place) return run_worker(o, *benchmark, b, *place, io);
  return run_workers(o, *benchmark, b, io);
}

}  // namespace

const Command collectives{
    .path = "collectives",
    .summary = "Check and measure collective operations between ranks",
    .details =
        "Runs one operation in many sizes between ranks, on this host or several, with the "
        "options and columns of nccom-test: all_reduce (allr), all_gather (allg), all_gatherv "
        "(allgv), reduce_scatter (redsct), alltoall, alltoallv, sendrecv, permute. Ranks are "
        "processes that move the data through libfabric, as programs do that call the runtime; "
        "times are those of this transport, not of a device. The size of all_gather is that of "
        "its output, other sizes are those of the input. GB are 2^30 bytes; bus bandwidth is "
        "the algorithm's (size by average time) times 2(r-1)/r for all_reduce, (r-1)/r for "
        "gathers, scatters and alltoall, 1 for sendrecv and permute.\n\n"
        "Without a launcher the command starts --nworkers ranks itself, on --hosts by --rsh. "
        "Under mpirun or srun each process is one rank; NEURON_RT_ROOT_COMM_ID then tells where "
        "rank 0 waits, by default 127.0.0.1:48620. Ranks wait for each other as long as "
        "NEURON_SIM_COLLECTIVES_TIMEOUT says; a rank that is missing then is named.\n\n"
        "With --predict nothing runs: times are what a model of the simulated instance type "
        "says, of its links, memory and network, for any number of logical cores and instances.",
    .examples =
        "neuron collectives -r 2 --minbytes 1kb --maxbytes 64mb --stepfactor 4 -d fp32 allr\n"
        "neuron collectives -r 8 --check -d bf16 -b 4 -e 1M -f 16 redsct\n"
        "neuron collectives -r 4 --stats avg p50 p99 --json allg  # for scripts\n"
        "neuron collectives --predict -r 64 -b 1k -e 1G -f 8 --show-algorithm allr  # on devices\n"
        "mpirun -n 4 neuron collectives allr  # ranks of mpirun\n"
        "NEURON_RT_ROOT_COMM_ID=10.0.1.2:46820 neuron collectives -r 8 -N 2 --hosts 127.0.0.1 "
        "10.0.1.3 allr",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<CollectivesOptions>();
      add_options(app, *o);
      return [o](Terminal& io) { return run_collectives(*o, io); };
    }};

}  // namespace neuron::cmd
