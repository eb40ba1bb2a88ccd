// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include <regex>

#include "base/json.h"
#include "base/npy.h"
#include "cmd/compile_flags.h"
#include "compile/compile.h"
#include "compile/saved_model.h"

namespace neuron::cmd {
namespace {

constexpr int kMostWords = 10000;  // into which a shell may take shapes apart

struct Options {
  std::string in, out;  ///< plain or file://
  std::string target = "inf2";
  std::vector<std::string> shapes, dims;
  std::uint32_t cores = 1;
  std::string report;
};

Result<std::int64_t> size_of_axis(const Json& size, const std::string& name) {
  if (json::holds<std::int64_t>(size) && size.get<std::int64_t>() > 0)
    return size.get<std::int64_t>();
  return fail(Code::BadUsage, "--input_data_shapes: size {} of '{}', expected 1 or more",
              json::text_of(size), name);
}

Result<compile::InputForm> form_of(const Json& value, const std::string& name) {
  compile::InputForm form;
  if (value.is_string()) {
    const Tensor tensor = TRY(npy::read(value.get<std::string>()));
    return compile::InputForm{tensor.shape, tensor.type};
  }
  if (!value.is_array())
    return fail(Code::BadUsage,
                "--input_data_shapes: '{}' is {}, expected a list of sizes or the name of an .npy "
                "file",
                name, json::text_of(value));
  for (const Json& one : value) {
    const auto size = TRY(size_of_axis(one, name));
    form.shape.push_back(size);
  }
  return form;
}

/// A shell takes {"x:0":[4,2]} without quotes around it apart, into x:0:[4 and 2]], and drops the
/// quotes inside: what came of that is JSON again.
std::string mended(const std::vector<std::string>& words) {
  const std::string text = fmt::format("{}", fmt::join(words, ","));
  if (text.find('"') != text.npos) return text;
  static const std::regex name(R"(([^\[\]{},]+):\[)");
  std::string inside = std::regex_replace(text, name, "\"$1\":[");
  if (inside.starts_with('{') && inside.ends_with('}')) return inside;
  return inside == text ? text : "{" + inside + "}";
}

/// {"x:0": [4, 224, 224, 3]}; an .npy file may stand in place of a shape.
Result<compile::IoConfig> forms_of(const std::vector<std::string>& words) {
  compile::IoConfig io;
  if (words.empty()) return io;
  const std::string text = mended(words);
  const Json json = TRY(json::parse(view_of(text)).within("--input_data_shapes"));
  if (!json.is_object())
    return fail(Code::BadUsage, "--input_data_shapes: {}, expected {{\"NAME\": [SIZES], ...}}",
                json::text_of(json));
  for (const auto& [name, value] : json.items()) {
    auto form = TRY(form_of(value, name));
    io.inputs[name] = std::move(form);
  }
  return io;
}

Result<> compile_whole(const Options& o, Terminal& io) {
  const fs::path from = TRY(compile::path_of_uri(o.in));
  const fs::path to = TRY(compile::path_of_uri(o.out));
  compile::Options options;
  options.target = isa::find_target(o.target);
  options.framework = "TENSORFLOW";
  options.io = TRY(forms_of(o.shapes));
  options.dims = TRY(sizes_of(o.dims));
  options.pipeline_cores = o.cores;
  options.progress = progress_of(io);
  std::error_code error;
  if (fs::equivalent(from, to, error))
    return fail(Code::BadUsage, "{}: is the model itself; name another --out_saved_model",
                to.string());
  const auto made = TRY(compile::compile_to_bytes(from, options, neff::Compression::Gzip, nullptr));
  for (const std::string& warning : made.warnings) io.err << "neuron: warning: " << warning << "\n";
  TRY(compile::write_saved_model(from, to, made.neff));
  if (o.report == "json")
    io.out << json::text_of(compile::json_of(made.report), 2) << "\n";
  else
    io.out << fmt::format("{}: one NeuronOp, {} bytes for {}\n", (to / "saved_model.pb").string(),
                          made.neff.size(), o.target);
  if (o.report == "text") io.out << compile::text_of(made.report);
  return {};
}

}  // namespace

const Command compile_saved_model{
    .path = "compile-saved-model",
    .summary = "Compile a SavedModel of TensorFlow to a SavedModel that holds a NEFF",
    .details =
        "What 'serve' tags and 'serving_default' names is compiled, its variables included, and "
        "written with the same inputs, outputs and names of tensors around one NeuronOp, which "
        "holds the package. Operators that a NeuronCore cannot do run on the CPU and travel in "
        "it, too; one that cannot be compiled at all is named with its node, and nothing is "
        "written. --input_data_shapes tells the sizes that the model leaves open, by the names of "
        "the signature or of the tensors.\n\n"
        "'neuron run' executes the result, and 'neuron packager extract' takes the package out. "
        "A link or a copy named kaena_tf_compile is this command.",
    .examples =
        "neuron compile-saved-model --in_saved_model model --out_saved_model compiled "
        "--input_data_shapes '{\"x:0\": [4, 224, 224, 3]}'\n"
        "neuron run compiled x x.npy  # execute what was made\n"
        "kaena_tf_compile --in_saved_model model --out_saved_model compiled "
        "--input_data_shapes '{\"x\": \"x.npy\"}'",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      const std::vector<std::string> targets = {
#define NEURON_TARGET(word, arch, lnc, instance) word,
#include "isa/targets.def"
#undef NEURON_TARGET
      };
      app.add_option("--in_saved_model", o->in, "SavedModel to compile: its folder")
          ->type_name("DIR")
          ->required();
      app.add_option("--out_saved_model", o->out, "folder to write to, made when missing")
          ->type_name("DIR")
          ->required();
      app.add_option("--input_data_shapes", o->shapes,
                     "shapes of inputs as JSON, by name; an .npy file may stand for a shape")
          ->type_name("JSON")
          ->expected(1, kMostWords);
      app.add_option("--dim", o->dims, "size of a dimension that the model leaves open; repeatable")
          ->type_name("NAME=SIZE")
          ->expected(1)
          ->allow_extra_args(false)
          ->take_all();
      app.add_option("--target", o->target, "what to compile for")
          ->check(CLI::IsMember(targets))
          ->capture_default_str();
      app.add_option("--neuroncore-pipeline-cores", o->cores,
                     "NeuronCores to spread the model over, in stages of about equal cost")
          ->type_name("N")
          ->check(CLI::Range(1, 64))
          ->capture_default_str();
      app.add_option("--report", o->report,
                     "print which operators run where and why, as text or json")
          ->type_name("FORMAT")
          ->check(CLI::IsMember({"text", "json"}));
      return [o](Terminal& io) { return compile_whole(*o, io); };
    }};

}  // namespace neuron::cmd
