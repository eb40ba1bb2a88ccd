// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "cmd/command.h"
#include "isa/assembly.h"
#include "neff/model.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff;
  std::string engine, subgraph;
  bool json = false, assembly = false;
};

/// One instruction, in words; one that we do not know is its bytes.
std::string line_of(ByteView word) {
  const auto instruction = isa::decode_one(word);
  if (instruction) {
    const std::string text = isa::text_of(*instruction);
    return text.substr(0, text.find_last_not_of(' ') + 1);
  }
  std::string bytes = ".bytes";
  for (const std::byte b : word) bytes += fmt::format(" {:02x}", static_cast<unsigned>(b));
  return bytes;
}

void print_engine(const neff::Subgraph& subgraph, const neff::EngineProgram& engine,
                  const Options& o, Terminal& io) {
  const ByteView code = engine.instructions;
  if (!o.json)
    io.out << fmt::format("{}{} {}: {} instructions\n", o.assembly ? "; " : "", subgraph.name,
                          engine.token, code.size() / isa::kInstructionBytes);
  const auto at = [](const std::vector<std::string>& names, std::size_t index) {
    return index < names.size() ? names[index] : std::string();
  };
  for (std::size_t pc = 0; pc < code.size(); pc += isa::kInstructionBytes) {
    const std::size_t index = pc / isa::kInstructionBytes;
    const ByteView word = code.subspan(pc, std::min(isa::kInstructionBytes, code.size() - pc));
    const std::string name = at(engine.backend_names, index), layer = at(engine.layers, index);
    if (o.json) {
      io.out << json::text_of({{"subgraph", subgraph.name},
                               {"engine", engine.token},
                               {"pc", index},
                               {"text", line_of(word)},
                               {"assembly", isa::assembly_of(word)},
                               {"name", name},
                               {"layer", layer}})
             << "\n";
      continue;
    }
    std::string comment;
    for (const std::string& part : {name, layer})
      if (!part.empty()) comment += (comment.empty() ? "  ; " : ", ") + part;
    if (o.assembly)
      io.out << isa::assembly_of(word) << comment << "\n";
    else
      io.out << fmt::format("{:>6}  {}{}\n", index, line_of(word), comment);
  }
}

Result<> disassemble_package(const Options& o, Terminal& io) {
  auto package = TRY(neff::read(o.neff));
  auto model = TRY(neff::model_of(package).within(o.neff.string()));
  bool found = false;
  for (const neff::Subgraph& subgraph : model.subgraphs) {
    if (!o.subgraph.empty() && o.subgraph != subgraph.name) continue;
    for (const neff::EngineProgram& engine : subgraph.engines) {
      if (!o.engine.empty() && o.engine != engine.token) continue;
      print_engine(subgraph, engine, o, io);
      found = true;
    }
  }
  if (!found)
    return fail(Code::NotFound, "{}: no program of engine {} in subgraph {}", o.neff.string(),
                o.engine.empty() ? "(any)" : o.engine, o.subgraph.empty() ? "(any)" : o.subgraph);
  return {};
}

}  // namespace

const Command disassemble{
    .path = "disassemble",
    .summary = "Print the instructions of a NEFF, engine by engine",
    .details =
        "Each line is the number of an instruction in its engine's stream, the instruction "
        "in the words of the profiler, and the name that the compiler's debug members give "
        "it, with the layer where they tell. Bytes that are no known instruction are "
        "printed as they are, after '.bytes'. --assembly prints every field by name instead: what "
        "'assemble' turns back into the same bytes.",
    .examples =
        "neuron disassemble model.neff --engine pe  # what the tensor engine does\n"
        "neuron disassemble model.neff --json  # one JSON object for each instruction",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      std::vector<std::string> engines;
      for (int i = 0; i < isa::kEngines; ++i)
        engines.emplace_back(isa::info(static_cast<isa::Engine>(i)).token);
      app.add_option("neff", o->neff, "NEFF to read")->type_name("FILE")->required();
      app.add_option("--engine", o->engine, "only the program of this engine")
          ->check(CLI::IsMember(engines));
      app.add_option("--subgraph", o->subgraph, "only this subgraph, such as sg00")
          ->type_name("NAME");
      app.add_flag("--json", o->json, "one JSON object a line");
      app.add_flag("--assembly", o->assembly, "every field by name, for 'assemble'");
      return [o](Terminal& io) { return disassemble_package(*o, io); };
    }};

}  // namespace neuron::cmd
