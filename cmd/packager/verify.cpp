// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "cmd/packager/instructions.h"
#include "cmd/packager/schema.h"
#include "neff/verify_file.h"

namespace neuron::cmd {
namespace {

struct Options {
  std::vector<fs::path> neffs;
  bool as_json = false, strict = false;
};

Result<> verify(const Options& o, Terminal& io) {
  std::size_t bad = 0;
  Json files = Json::array();
  for (const fs::path& path : o.neffs) {
    const neff::Verdict verdict = TRY(neff::verify_file(path, read_instruction));
    const bool sound = verdict.count(neff::Severity::Error) == 0 &&
                       (!o.strict || verdict.count(neff::Severity::Warning) == 0);
    bad += sound ? 0 : 1;
    if (!o.as_json) {
      io.out << path.string() << ": " << neff::verdict_text(verdict) << std::flush;
      continue;
    }
    Json row{{"file", path.string()}, {"sound", sound}};
    row.update(neff::verdict_json(verdict));
    files.push_back(std::move(row));
  }
  if (o.as_json) io.out << json::text_of({{"files", std::move(files)}}, 2) << "\n";
  if (bad == 0) return {};
  if (o.neffs.size() == 1) return fail(Code::Malformed, "{} is not sound", o.neffs[0].string());
  return fail(Code::Malformed, "{} of {} packages are not sound", bad, o.neffs.size());
}

}  // namespace

const Command packager_verify{
    .path = "packager verify",
    .summary = "Check a NEFF from the hash to the last semaphore, and say what is wrong",
    .details =
        "Checked are: the header and its sizes; the hash, in both byte orders that compilers use; "
        "every JSON member; names and ids that lead from one member to another; constants and "
        "their "
        "sizes; the bytes that DMA transfers touch; semaphores, by running all engines with "
        "nothing "
        "but semaphores; the form and the opcodes of all instructions; tensors of the graph "
        "against "
        "those of the subgraphs; feature bits against what the members use.\n"
        "\n"
        "Each finding names the member, the byte, the reason and the remedy. An error keeps a "
        "package "
        "from loading or running; a warning is something that compilers do not write; a note is "
        "worth "
        "knowing. The exit status is 4 when any package has an error, and with --strict when any "
        "has "
        "a warning. Instructions of Inf1 are not decoded; all else of such packages is checked.\n"
        "\n"
        "Where a runtime says only that a NEFF is invalid, could be broken or hacked, this says "
        "why.",
    .examples =
        "neuron packager verify model.neff  # one line, or what is wrong with it\n"
        "neuron packager verify --strict --json *.neff  # for a pipeline: one object, exit status "
        "4",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neffs, "NEFFs to check")->required()->type_name("FILE");
      app.add_flag("--json", o->as_json, "print JSON");
      add_json_schema(app, "verify");
      app.add_flag("--strict", o->strict, "count warnings as errors");
      return [o](Terminal& io) { return verify(*o, io); };
    }};

}  // namespace neuron::cmd
