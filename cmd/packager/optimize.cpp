// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "neff/neff.h"

namespace neuron::cmd {
namespace {

struct Options {
  std::vector<fs::path> neffs;
  bool keep_debug = false;
};

Result<> optimize_one(const fs::path& path, bool keep_debug) {
  auto package = TRY(neff::read(path));
  const auto small = TRY(neff::optimize(std::move(package), keep_debug).within(path.string()));
  const auto file = TRY(neff::bytes_of(small, neff::Compression::None).within(path.string()));
  return write_file(path, file);
}

Result<> optimize(const Options& o, Terminal& io) {
  for (const fs::path& path : o.neffs) {
    TRY(optimize_one(path, o.keep_debug));
    io.out << "Successfully generated: " << path.string() << "\n" << std::flush;
  }
  return {};
}

}  // namespace

const Command packager_optimize{
    .path = "packager optimize",
    .summary = "Replace NEFFs by versions that load faster",
    .details =
        "The constants of each subgraph become one raw file, debug information goes, JSON loses "
        "its spaces, and the archive is not compressed, so the file may grow. Each file is "
        "replaced whole or not at all. Afterwards 'info' no longer knows the formats of tensors, "
        "and profiles no names; --keep-debug keeps both.",
    .examples = "neuron packager optimize model.neff  # in place",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neffs, "NEFFs to replace")->required()->type_name("FILE");
      app.add_flag("--keep-debug", o->keep_debug,
                   "keep debug information and prettified JSON members");
      return [o](Terminal& io) { return optimize(*o, io); };
    }};

}  // namespace neuron::cmd
