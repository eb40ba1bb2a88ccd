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

/// One instruction, in words; one whose opcode has no row is its bytes.
std::string line_of(const isa::Described& described) {
  const isa::Instruction& i = described.instruction;
  if (!std::holds_alternative<std::monostate>(i.op)) {
    const std::string text = isa::text_of(i);
    return text.substr(0, text.find_last_not_of(' ') + 1);
  }
  std::string bytes = ".bytes";
  for (const std::byte b : i.word) bytes += fmt::format(" {:02x}", static_cast<unsigned>(b));
  return bytes;
}

/// What is known of an instruction beside its bytes.
struct Notes {
  std::string name, layer, source, unknown;
};
Notes notes_of(const neff::EngineProgram& engine, std::size_t pc, const isa::Described& described) {
  const auto at = [pc](const std::vector<std::string>& names) {
    return pc < names.size() ? names[pc] : std::string();
  };
  return {at(engine.backend_names), at(engine.layers), engine.source_of(pc), described.wrong};
}

std::string comment_of(const Notes& n) {
  std::string out;
  const std::string file = n.source.substr(n.source.rfind('/') + 1);
  for (const std::string& part : {n.name, n.layer, file, n.unknown})
    if (!part.empty()) out += (out.empty() ? "  ; " : ", ") + part;
  return out;
}

void print_engine(const neff::Subgraph& subgraph, const neff::EngineProgram& engine,
                  const Options& o, Terminal& io) {
  const ByteView code = engine.instructions;
  if (!o.json)
    io.out << fmt::format("{}{} {}: {} instructions\n", o.assembly ? "; " : "", subgraph.name,
                          engine.token, code.size() / isa::kInstructionBytes);
  for (std::size_t at = 0; at + isa::kInstructionBytes <= code.size();
       at += isa::kInstructionBytes) {
    const std::size_t pc = at / isa::kInstructionBytes;
    const ByteView word = code.subspan(at, isa::kInstructionBytes);
    const isa::Described described = isa::describe(word);
    const Notes notes = notes_of(engine, pc, described);
    if (o.json)
      io.out << json::text_of({{"subgraph", subgraph.name},
                               {"engine", engine.token},
                               {"pc", pc},
                               {"text", line_of(described)},
                               {"assembly", isa::assembly_of(word)},
                               {"name", notes.name},
                               {"layer", notes.layer},
                               {"source", notes.source},
                               {"unknown", notes.unknown}})
             << "\n";
    else if (o.assembly)
      io.out << isa::assembly_of(word) << comment_of(notes) << "\n";
    else
      io.out << fmt::format("{:>6}  {}{}\n", pc, line_of(described), comment_of(notes));
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
        "it, with the layer and the line of the kernel's source where they tell. Bytes that are no "
        "known instruction are printed as they are, after '.bytes'; the comment says what is not "
        "known. --assembly prints every field by name instead: what "
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
