// SPDX-License-Identifier: Apache-2.0
#include "compile/frontend.h"

#include "compile/import/onnx.h"
#include "compile/passes/passes.h"

namespace neuron::compile {
namespace {

Result<Graph> canonical(ByteView bytes, const fs::path& folder, const Options& options) {
  Graph graph = TRY(onnx::parse(bytes, {options.dims, options.values, folder}));
  TRY(verify(graph).within("after import"));
  TRY(passes::run_all(graph));
  TRY(passes::check_canonical(graph));
  if (!options.name.empty()) graph.name = options.name;
  return graph;
}

}  // namespace

Result<Graph> graph_of(const fs::path& model, const Options& options) {
  const Bytes bytes = TRY(read_file(model));
  return canonical(bytes, model.parent_path(), options).within(model.string());
}

}  // namespace neuron::compile
