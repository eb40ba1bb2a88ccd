// SPDX-License-Identifier: Apache-2.0
#include "compile/compile.h"

#include <new>

#include "compile/frontend.h"
#include "compile/lower.h"

namespace neuron::compile {
namespace {

Result<Output> compile_whole(const fs::path& model, Options options) {
  if (!options.target) return fail(Code::BadUsage, "no target is given");
  if (options.progress) options.progress("reading " + model.filename().string(), 0, 0);
  if (options.name.empty()) options.name = model.stem().string();
  std::vector<std::string> warnings;
  options.warn = [&](const std::string& text) { warnings.push_back(text); };
  Graph graph = TRY(graph_of(model, options));
  Output output;
  output.warnings = std::move(warnings);
  if (options.dump_graph) output.graph_text = text_of(graph);
  auto package = lower(std::move(graph), options, output.warnings, &output.report);
  if (!package) return std::move(package).error().within(model.string());
  output.package = std::move(*package);
  return output;
}

}  // namespace

Result<Output> compile(const fs::path& model, const Options& options) {
  try {
    return compile_whole(model, options);
  } catch (const std::bad_alloc&) {
    return fail(Code::NoResource, "{}: not enough memory on this host", model.string());
  }
}

}  // namespace neuron::compile
