// SPDX-License-Identifier: Apache-2.0
#include "neff/info.h"

#include "cmd/command.h"
#include "cmd/packager/instructions.h"
#include "cmd/packager/schema.h"

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
        "memory. The cores of one logical core share their tensors; they are listed once.\n"
        "\n"
        "--memory tells before a model is loaded what it will take on each core: instructions and "
        "what a runtime puts around them, activation tables, constants, inputs and outputs, "
        "scratchpads, DMA rings, and the runtime's own share. The last column counts the shared "
        "scratchpad in whole pages of 512 MiB, as runtimes allocate it. What runtimes add was "
        "measured on Trn2; rings are an estimate of 16 bytes for each contiguous piece.\n"
        "\n"
        "--json-output holds all of it, and features by bit, instructions by opcode, queues, "
        "weights, spills and members, whatever the other options say; these only choose the rows "
        "of its \"nodes\". Its form is described by --json-schema and in neuron-neff(5).",
    .examples =
        "neuron packager info model.neff  # header, inputs and outputs\n"
        "neuron packager info -w -s model.neff  # and constants and scratch space\n"
        "neuron packager info --memory model.neff  # will it fit?\n"
        "neuron packager info --json-output model.neff  # everything, for programs",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neff, "NEFF to read")->required()->type_name("FILE");
      app.add_flag("-w,--show-weights", o->show.weights, "show weights");
      app.add_flag("-s,--show-spills", o->show.spills, "show spills");
      app.add_flag("--memory", o->show.memory, "show the device memory that the model will take");
      app.add_flag("--json-output,--json", o->as_json, "print JSON");
      add_json_schema(app, "info");
      o->show.reader = read_instruction;
      return [o](Terminal& io) { return print_info(*o, io); };
    }};

}  // namespace neuron::cmd
