// SPDX-License-Identifier: Apache-2.0
#include "neff/diff.h"

#include "cmd/command.h"
#include "cmd/packager/instructions.h"
#include "cmd/packager/schema.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path a, b;
  bool as_json = false;
};

/// A thing that only one package has is null in the other.
Json side_of(const std::string& words) { return words.empty() ? Json() : Json(words); }

Json json_of(const std::vector<neff::Difference>& differences, const Options& o) {
  Json rows = Json::array();
  for (const auto& d : differences)
    rows.push_back(
        {{"part", d.part}, {"thing", d.thing}, {"a", side_of(d.a)}, {"b", side_of(d.b)}});
  return Json{{"a", o.a.string()}, {"b", o.b.string()}, {"differences", std::move(rows)}};
}

/// A heading for each part, then "-" and "+" lines as diff -u has them.
std::string text_of(const std::vector<neff::Difference>& differences) {
  std::string text, part;
  for (const auto& d : differences) {
    if (d.part != part) text += d.part + "\n";
    part = d.part;
    text += "  " + d.thing + "\n";
    if (!d.a.empty()) text += "    - " + d.a + "\n";
    if (!d.b.empty()) text += "    + " + d.b + "\n";
  }
  return text;
}

Result<> diff(const Options& o, Terminal& io) {
  const auto a = TRY(neff::read(o.a));
  const auto b = TRY(neff::read(o.b));
  const auto differences = TRY(neff::differences_of(a, b, read_instruction));
  if (o.as_json)
    io.out << json::text_of(json_of(differences, o), 2) << "\n";
  else
    io.out << text_of(differences);
  io.status = differences.empty() ? 0 : 1;
  return {};
}

}  // namespace

const Command packager_diff{
    .path = "packager diff",
    .summary = "Show what two NEFFs have not in common",
    .details =
        "Compared are the fields of the header, members by content, tensors with constants and "
        "scratch space, the count of each instruction on each engine, and DMA queues. A line with "
        "'-' is of the first package, one with '+' of the second; what only one has stands alone. "
        "As with diff(1), the exit status is 0 when there is no difference, 1 when there is one, "
        "and more when a package cannot be read.",
    .examples =
        "neuron packager diff old.neff new.neff  # what did the compiler change?\n"
        "neuron packager diff --json a.neff b.neff  # for programs",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("a", o->a, "one NEFF")->required()->type_name("FILE");
      app.add_option("b", o->b, "the other NEFF")->required()->type_name("FILE");
      app.add_flag("--json", o->as_json, "print JSON");
      add_json_schema(app, "diff");
      return [o](Terminal& io) { return diff(*o, io); };
    }};

}  // namespace neuron::cmd
