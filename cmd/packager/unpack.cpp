// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "neff/neff.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff, output;
};

Result<> unpack(const Options& o, Terminal& io) {
  const auto package = TRY(neff::read(o.neff));
  fs::path directory = o.output;
  if (directory.empty()) directory = o.neff.stem();
  if (o.output.empty() && !o.neff.has_extension())
    return fail(Code::BadUsage, "{}: its name is that of the directory; name another with --output",
                o.neff.string());
  io.out << "Unpacking NEFF in \"" << directory.string() << "\" directory...\n" << std::flush;
  TRY(neff::unpack(package, directory));
  return {};
}

}  // namespace

const Command packager_unpack{
    .path = "packager unpack",
    .summary = "Write the members of a NEFF to a directory",
    .details =
        "Beside the members stands neff.tgz, the archive as it was in the NEFF; 'create' makes a "
        "NEFF of it again. Files of a directory that is there already are replaced one by one, "
        "each whole.",
    .examples = "neuron packager unpack model.neff  # into model/",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neff, "NEFF to read")->required()->type_name("FILE");
      app.add_option("-o,--output", o->output,
                     "directory to write to; by default the file's name without .neff")
          ->type_name("DIR");
      return [o](Terminal& io) { return unpack(*o, io); };
    }};

}  // namespace neuron::cmd
