// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "cmd/packager/limits.h"
#include "neff/neff.h"

namespace neuron::cmd {
namespace {

struct Options {
  std::vector<fs::path> neffs;
  fs::path output;
  bool keep_debug = false;
  neff::Limits limits;
};

Result<> optimize_one(const Options& o, const fs::path& from, const fs::path& to) {
  neff::WriteOptions how;
  how.compression = neff::Compression::None;
  how.mtime = TRY(source_date());
  auto package = TRY(neff::read(from, o.limits));
  const auto small = TRY(neff::optimize(std::move(package), o.keep_debug).within(from.string()));
  TRY(neff::write(small, to, how));
  return {};
}

Result<> optimize(const Options& o, Terminal& io) {
  if (!o.output.empty() && o.neffs.size() > 1)
    return fail(Code::BadUsage, "--output names one file, but {} are to be optimized",
                o.neffs.size());
  for (const fs::path& path : o.neffs) {
    const fs::path& to = o.output.empty() ? path : o.output;
    TRY(optimize_one(o, path, to));
    io.out << "Successfully generated: " << to.string() << "\n" << std::flush;
  }
  return {};
}

}  // namespace

const Command packager_optimize{
    .path = "packager optimize",
    .summary = "Replace NEFFs by versions that load faster",
    .details =
        "The constants of each subgraph become one raw file, debug information goes, JSON loses "
        "its spaces, and the archive is not compressed, so the file may grow. Descriptions come "
        "first, constants last and at a page of the file, so that a loader maps them. Each file is "
        "replaced whole or not at all. Afterwards 'info' no longer knows the formats of tensors, "
        "and profiles no names; --keep-debug keeps both.",
    .examples =
        "neuron packager optimize model.neff  # in place\n"
        "neuron packager optimize model.neff -o fast.neff  # beside it",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neffs, "NEFFs to replace")->required()->type_name("FILE");
      app.add_flag("--keep-debug", o->keep_debug,
                   "keep debug information and prettified JSON members");
      app.add_option("-o,--output", o->output, "new file, instead of replacing the NEFF")
          ->type_name("FILE");
      add_limits(app, o->limits);
      return [o](Terminal& io) { return optimize(*o, io); };
    }};

}  // namespace neuron::cmd
