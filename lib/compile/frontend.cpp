// SPDX-License-Identifier: Apache-2.0
#include "compile/frontend.h"

#include <cctype>

#include "compile/import/mxnet.h"
#include "compile/import/onnx.h"
#include "compile/import/tensorflow.h"
#include "compile/passes/passes.h"

namespace neuron::compile {
namespace {

Result<> check_framework(const std::string& name) {
  if (name.empty() || name == "ONNX" || name == "TENSORFLOW" || name == "MXNET") return {};
  return fail(Code::UnsupportedVersion,
              "models of {} are not read; supported are ONNX, TENSORFLOW and MXNET", name);
}

/// A checkpoint is two files; either may be named, and the other is looked for beside it.
Result<Graph> import_mxnet(const fs::path& model, const Bytes& bytes, const Options& options,
                           const onnx::Options& parts) {
  const bool arrays_first = mxnet::is_params(bytes);
  std::optional<fs::path> symbol = arrays_first ? mxnet::symbol_beside(model) : model;
  std::optional<fs::path> arrays;
  if (arrays_first) arrays = model;
  for (const fs::path& part : options.parts) {
    const Bytes other = TRY(read_file(part));
    (mxnet::is_params(other) ? arrays : symbol) = part;
  }
  if (!arrays) arrays = TRY(mxnet::params_beside(*symbol));
  mxnet::Arrays read;
  if (arrays) {
    const Bytes packed = TRY(read_file(*arrays));
    read = TRY(mxnet::read_params(packed).within(arrays->string()));
  }
  if (*symbol == model) return mxnet::parse(bytes, read, parts);
  const Bytes other = TRY(read_file(*symbol));
  return mxnet::parse(other, read, parts).within(symbol->string());
}

/// Each format is known by its content; `--framework` decides where it could be two.
Result<Graph> read_model(const fs::path& model, const Bytes& bytes, const Options& options) {
  const onnx::Options parts{options.dims, options.values, model.parent_path(), options.io,
                            options.warn};
  if (tensorflow::is_saved_model(model)) return tensorflow::read_saved_model(model, parts);
  if (options.framework == "MXNET" ||
      (options.framework.empty() && (mxnet::is_symbol(bytes) || mxnet::is_params(bytes))))
    return import_mxnet(model, bytes, options, parts);
  const bool named = options.framework == "TENSORFLOW";
  if (named || (options.framework.empty() && tensorflow::is_graph(bytes)))
    return tensorflow::parse(bytes, parts);
  return onnx::parse(bytes, parts);
}

Result<Graph> import_model(const fs::path& model, const Options& options) {
  std::error_code error;
  if (fs::is_directory(model, error) && !tensorflow::is_saved_model(model))
    return fail(Code::Malformed,
                "{}: a folder without saved_model.pb; expected a SavedModel, or name the file of "
                "the model",
                model.string());
  Bytes bytes;  // a SavedModel is a folder; what cannot be read is named by read_file
  if (!tensorflow::is_saved_model(model)) bytes = TRY(read_file(model));
  return read_model(model, bytes, options).within(model.string());
}

Result<Graph> canonical(Graph graph, const Options& options) {
  TRY(verify(graph).within("after import"));
  const auto text = [&graph] { return text_of(graph); };
  if (options.stages) TRY(options.stages("import", text));
  TRY(passes::run_all(graph));
  TRY(passes::check_canonical(graph));
  if (options.stages) TRY(options.stages("passes", text));
  if (!options.name.empty()) graph.name = options.name;
  return graph;
}

}  // namespace

Result<Graph> graph_of(const fs::path& model, const Options& options) {
  TRY(check_framework(options.framework));
  Graph graph = TRY(import_model(model, options));  // the file's bytes are gone before the passes
  return canonical(std::move(graph), options).within(model.string());
}

Result<std::vector<std::string>> operators_of_framework(const std::string& framework) {
  std::string name = framework;
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  TRY(check_framework(name));
  if (name == "TENSORFLOW") return tensorflow::operator_names();
  if (name == "MXNET") return mxnet::operator_names();
  return onnx::operator_names();
}

}  // namespace neuron::compile
