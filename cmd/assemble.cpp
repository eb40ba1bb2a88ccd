// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "cmd/command.h"
#include "isa/assembly.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path text, output = "program.bin";
};

Result<> assemble_file(const Options& o, Terminal& io) {
  const auto bytes = TRY(read_file(o.text));
  auto text = text_of(bytes);
  Bytes program;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == ';') continue;
    const auto word =
        TRY(isa::assemble_one(line).within(fmt::format("{}: line {}", o.text.string(), number)));
    program.insert(program.end(), word.begin(), word.end());
  }
  TRY(write_file(o.output, program));
  io.out << fmt::format("{} instructions -> {}\n", program.size() / isa::kInstructionBytes,
                        o.output.string());
  return {};
}

}  // namespace

const Command assemble{
    .path = "assemble",
    .summary = "Turn the text of 'disassemble --assembly' back into instructions",
    .details =
        "Each line is a mnemonic, its fields by name, and in braces the bytes that no field "
        "covers; "
        "text after ';' is a comment. The result is the binary of one engine, the same bytes as "
        "those that were disassembled.",
    .examples =
        "neuron disassemble model.neff --engine pe --subgraph sg00 --assembly > pe.s\n"
        "neuron assemble pe.s -o PE.bin  # the member sg00/PE.bin again",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("text", o->text, "instructions, one a line")->type_name("FILE")->required();
      app.add_option("-o,--output", o->output, "binary to write")
          ->type_name("FILE")
          ->capture_default_str();
      return [o](Terminal& io) { return assemble_file(*o, io); };
    }};

}  // namespace neuron::cmd
