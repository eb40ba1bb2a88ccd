// SPDX-License-Identifier: Apache-2.0
#include "host/ls.h"

#include "cmd/command.h"
#include "host/observe.h"
#include "host/sysfs.h"

namespace neuron::cmd {
namespace {

struct Options {
  bool wide = false, all = false, topology = false, json = false;
};

Result<> run_ls(const Options& o, Terminal& io) {
  const host::Box box = TRY(host::box());
  const host::Snapshot snapshot = TRY(host::take_snapshot(box));
  for (const std::string& oddity : snapshot.oddities)
    io.err << "neuron: warning: " << oddity << "\n";
  if (o.json) {
    io.out << json::text_of(host::ls_json(snapshot), 4) << "\n";
    return {};
  }
  const auto view = o.all        ? host::LsView::All
                    : o.wide     ? host::LsView::Wide
                    : o.topology ? host::LsView::Topology
                                 : host::LsView::Plain;
  const auto observers = host::observers_of(box);
  (void)host::refresh_tree(snapshot,
                           host::TreeExtent::Touched);  // a view: what we print does not need it
  io.out << host::ls_table(snapshot, view, observers);
  if (o.topology) io.out << host::topology_drawing(*box.instance);
  return {};
}

}  // namespace

const Command ls{
    .path = "ls",
    .summary = "List the devices of the instance and who uses them",
    .details =
        "Shows the simulated instance: NEURON_SIM_INSTANCE names its type, or instance_type of the "
        "file that NEURON_SIM_CONFIG names (by default ~/.config/neuron/instance.json), which may "
        "also hold instance_id, logical_neuroncore_config and the other names of neuron-monitor's "
        "instance_info. Processes meet in the directory NEURON_SIM_ROOT, by default "
        "/dev/shm/neuron-UID.",
    .examples =
        "neuron ls\n"
        "neuron ls --topology  # how devices are linked\n"
        "neuron ls --json-output\n"
        "NEURON_SIM_INSTANCE=trn1.32xlarge neuron ls --wide",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_flag("-w,--wide", o->wide,
                   "show who uses each device, with 80 characters of the command");
      app.add_flag("-a,--show-all-procs", o->all,
                   "also show processes that own no cores, as neuron-monitor and neuron-ls");
      app.add_flag("-t,--topology", o->topology, "draw how devices are linked");
      app.add_flag("-j,--json-output", o->json, "print JSON");
      return [o](Terminal& io) { return run_ls(*o, io); };
    }};

}  // namespace neuron::cmd
