// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "cmd/command.h"
#include "cmd/tree.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path man, completions;
};

Result<> write_all(const std::map<std::string, std::string>& files, const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail(Code::Io, "{}: cannot create: {}", directory.string(), error.message());
  for (const auto& [name, text] : files)
    TRY(write_file(directory / name, std::as_bytes(std::span(text))));
  return {};
}

Result<> describe_program(const Options& o, Terminal& io) {
  const Tree tree = make_bound_tree();
  const Json root = describe_tree(tree, *tree.root);
  if (o.man.empty() && o.completions.empty()) io.out << json::text_of(root, 2) << "\n";
  auto pages = manual_pages(root);
  pages["neuron-nrt.7"] = runtime_page();
  if (!o.man.empty()) TRY(write_all(pages, o.man));
  if (!o.completions.empty()) TRY(write_all(completions(root), o.completions));
  return {};
}

}  // namespace

const Command describe{
    .path = "describe",
    .summary = "Print all commands and options as JSON, or as manual and completions",
    .details = "",
    .examples = "neuron describe --man man --completions completions  # renew the committed files",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("--man", o->man, "write the printed pages to this directory")
          ->type_name("DIR");
      app.add_option("--completions", o->completions,
                     "write the shell completions to this directory")
          ->type_name("DIR");
      return [o](Terminal& io) { return describe_program(*o, io); };
    },
    .hidden = true};

}  // namespace neuron::cmd
