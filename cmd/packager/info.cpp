// SPDX-License-Identifier: Apache-2.0
#include "neff/info.h"

#include "cmd/command.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff;
  neff::InfoOptions show;
  bool as_json = false;
};

Result<> print_info(const Options& o, Terminal& io) {
  const auto package = TRY(neff::read(o.neff));
  if (o.as_json) {
    const auto info = TRY(neff::info_json(package, o.show).within(o.neff.string()));
    io.out << json::text_of(info, 2) << "\n";
  } else {
    const auto text = TRY(neff::info_text(package, o.show).within(o.neff.string()));
    io.out << text;
  }
  return {};
}

}  // namespace

const Command packager_info{
    .path = "packager info",
    .summary = "Show the header of a NEFF, its subgraphs and its CPU operators",
    .details =
        "Sizes are bytes. WEIGHT rows are constants, SPILL rows are scratch space in device "
        "memory. The cores of one logical core share their tensors; they are listed once. The "
        "JSON form also holds queues, engines and members.",
    .examples =
        "neuron packager info model.neff  # header, inputs and outputs\n"
        "neuron packager info --json-output -w model.neff  # the same and constants, for programs",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neff, "NEFF to read")->required()->type_name("FILE");
      app.add_flag("-w,--show-weights", o->show.weights, "show weights");
      app.add_flag("-s,--show-spills", o->show.spills, "show spills");
      app.add_flag("--json-output", o->as_json, "print JSON");
      return [o](Terminal& io) { return print_info(*o, io); };
    }};

}  // namespace neuron::cmd
