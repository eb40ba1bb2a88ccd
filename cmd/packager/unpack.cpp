// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "cmd/packager/limits.h"
#include "neff/neff.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff, output;
  neff::UnpackOptions how;
};

Result<> unpack(const Options& o, Terminal& io) {
  if (o.output.empty() && !o.neff.has_extension())
    return fail(Code::BadUsage, "{}: its name is that of the directory; name another with --output",
                o.neff.string());
  const fs::path directory = o.output.empty() ? o.neff.stem() : o.output;
  io.out << "Unpacking NEFF in \"" << directory.string() << "\" directory...\n" << std::flush;
  TRY(neff::unpack(o.neff, directory, o.how));
  return {};
}

}  // namespace

const Command packager_unpack{
    .path = "packager unpack",
    .summary = "Write the members of a NEFF to a directory",
    .details =
        "Beside the members stands neff.tgz, the archive as it was in the NEFF; 'create' makes a "
        "NEFF of it again. The directory appears when all files are whole, or not at all; one that "
        "is there and not empty is refused. --force replaces it, if it is an unpacked NEFF.",
    .examples = "neuron packager unpack model.neff  # into model/",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neff, "NEFF to read")->required()->type_name("FILE");
      app.add_option("-o,--output", o->output,
                     "directory to write to; by default the file's name without .neff")
          ->type_name("DIR");
      app.add_flag("-f,--force", o->how.replace, "replace an unpacked NEFF that is there");
      add_limits(app, o->how.limits);
      return [o](Terminal& io) { return unpack(*o, io); };
    }};

}  // namespace neuron::cmd
