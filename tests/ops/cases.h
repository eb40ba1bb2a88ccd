// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <onnx/onnx_pb.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/numbers.h"
#include "compile/compile.h"
#include "compile/constants.h"
#include "compile/import/onnx_parts.h"
#include "isa/arch.h"
#include "tests/ops/execute.h"

/// Cases of the ONNX backend suite (a model, inputs, outputs): compiled, executed by the machine,
/// compared by the suite's rule. Cases of the suite and whole models with references look alike.
namespace neuron::test {

/// Cpu: passes with nodes on the CPU. Given: passes when small inputs that shapes follow from are
/// given with --value.
enum class Verdict { Pass, Cpu, Given, Refused, Wrong };
struct CaseResult {
  Verdict verdict = Verdict::Pass;
  std::string reason;  ///< one line, empty for Pass
  std::string op;      ///< the operator that was refused, or the first of the model
};

/// |a - b| <= atol + rtol * |b|, the suite's own rule.
struct Tolerance {
  double relative = 1e-3, absolute = 1e-7;
  double of_largest = 0;  ///< instead: |a - b| <= this * max |b|
};

inline Result<Tensor> tensor_file(const fs::path& path) {
  const Bytes bytes = TRY(read_file(path));
  ::onnx::TensorProto proto;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail(Code::Malformed, "{}: not a tensor", path.string());
  return compile::onnx::tensor_of(proto);
}

/// input_0.pb, input_1.pb ... of a folder.
inline Result<std::vector<Tensor>> tensor_files(const fs::path& folder, const char* stem) {
  std::vector<Tensor> out;
  for (int i = 0; fs::exists(folder / fmt::format("{}_{}.pb", stem, i)); ++i) {
    Tensor next = TRY(tensor_file(folder / fmt::format("{}_{}.pb", stem, i)));
    out.push_back(std::move(next));
  }
  return out;
}

/// Sizes of the open dimensions of a model's inputs, as the given inputs have them.
inline std::map<std::string, std::int64_t> open_dims(const ::onnx::GraphProto& graph,
                                                     const std::vector<Tensor>& inputs) {
  std::map<std::string, std::int64_t> out;
  std::set<std::string> weights;
  for (const auto& w : graph.initializer()) weights.insert(w.name());
  std::size_t next = 0;
  for (const auto& input : graph.input()) {
    if (weights.count(input.name()) || next == inputs.size()) continue;
    const Shape& shape = inputs[next++].shape;
    const auto& dims = input.type().tensor_type().shape().dim();
    for (int d = 0; d < dims.size() && d < static_cast<int>(shape.size()); ++d) {
      if (dims[d].has_dim_value() && dims[d].dim_value() >= 0) continue;
      out[dims[d].dim_param().empty() ? fmt::format("{}.{}", input.name(), d)
                                      : dims[d].dim_param()] = shape[static_cast<std::size_t>(d)];
    }
  }
  return out;
}

/// Name of the K-th input that is no weight.
inline std::string input_name(const ::onnx::GraphProto& graph, std::size_t index) {
  std::set<std::string> weights;
  for (const auto& w : graph.initializer()) weights.insert(w.name());
  for (const auto& input : graph.input())
    if (!weights.count(input.name()) && index-- == 0) return input.name();
  return {};
}

/// Scalars and short lists among the inputs from `first` on: sizes, axes, scales, flags.
inline std::map<std::string, Tensor> small_values(const ::onnx::GraphProto& graph,
                                                  const std::vector<Tensor>& inputs,
                                                  std::size_t first) {
  std::map<std::string, Tensor> out;
  for (std::size_t i = first; i < inputs.size(); ++i)
    if (inputs[i].shape.size() <= 1 && count_of(inputs[i].shape) <= 16)
      out.emplace(input_name(graph, i), inputs[i]);
  return out;
}

inline std::string difference(const Tensor& got, const Tensor& expected, const Tolerance& within) {
  if (expected.type != got.type || expected.shape != got.shape)
    return fmt::format("is {} {}, expected {} {}", name_of(got.type), text_of(got.shape),
                       name_of(expected.type), text_of(expected.shape));
  const auto count = static_cast<std::size_t>(count_of(expected.shape));
  double largest = 0;
  for (std::size_t i = 0; within.of_largest > 0 && i < count; ++i)
    largest = std::max(largest, std::fabs(compile::number_at(expected, i)));
  for (std::size_t i = 0; i < count; ++i) {
    if (compile::is_integer(expected.type)) {
      const std::int64_t a = compile::integer_at(got, i), b = compile::integer_at(expected, i);
      if (a != b) return fmt::format("value {} is {}, expected {}", i, a, b);
      continue;
    }
    const double a = compile::number_at(got, i), b = compile::number_at(expected, i);
    if ((std::isnan(a) && std::isnan(b)) || a == b) continue;
    const double most = within.of_largest > 0 ? within.of_largest * largest
                                              : within.absolute + within.relative * std::fabs(b);
    if (!(std::fabs(a - b) <= most)) return fmt::format("value {} is {}, expected {}", i, a, b);
  }
  return {};
}

/// The operator that a message speaks of: "... node 'a' (Conv): ...".
inline std::string operator_in(const std::string& message) {
  const std::size_t node = message.find("node '");
  const std::size_t open = node == std::string::npos ? node : message.find("' (", node);
  const std::size_t close = open == std::string::npos ? open : message.find(')', open);
  if (close == std::string::npos) return {};
  return message.substr(open + 3, close - open - 3);
}

struct Case {
  fs::path model, inputs;  ///< a file, and the folder of input_K.pb and output_K.pb
  Tolerance within;
};

inline CaseResult run_case(const Case& c, const char* target = "trn2") {
  const auto refused = [&](const Error& e) {
    std::string words = e.message;
    if (words.starts_with(c.model.string() + ": ")) words.erase(0, c.model.string().size() + 2);
    return CaseResult{Verdict::Refused, words, operator_in(words)};
  };
  const auto wrong = [](std::string words) { return CaseResult{Verdict::Wrong, words, {}}; };
  auto bytes = read_file(c.model);
  ::onnx::ModelProto proto;
  if (!bytes || !proto.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())))
    return wrong("the model cannot be read");
  compile::Options options;
  options.target = isa::find_target(target);
  auto inputs = tensor_files(c.inputs, "input");
  if (inputs) options.dims = open_dims(proto.graph(), *inputs);
  auto output = compile::compile(c.model, options);
  if (!inputs) return output ? wrong(inputs.error().message) : refused(output.error());
  bool given = false;
  if (!output) {  // again, with the small inputs that shapes can follow from given now
    const Error first = output.error();
    for (const std::size_t from : {1, 0}) {  // rarely the first is one of them
      options.values = small_values(proto.graph(), *inputs, from);
      if (!options.values.empty()) output = compile::compile(c.model, options);
      if (output) break;
    }
    if (!output) return refused(first);
    given = true;
    std::size_t at = 0;
    std::erase_if(*inputs, [&](const Tensor&) {
      return options.values.count(input_name(proto.graph(), at++)) > 0;
    });
  }
  const auto expected = tensor_files(c.inputs, "output");
  if (!expected) return wrong(expected.error().message);
  const auto got = execute(output->package, *inputs);
  if (!got) return wrong("does not run: " + got.error().message);
  if (got->size() != expected->size()) return wrong("number of outputs");
  for (std::size_t o = 0; o < got->size(); ++o) {
    const std::string words = difference((*got)[o], (*expected)[o], c.within);
    if (!words.empty()) return wrong(fmt::format("output {} {}", o, words));
  }
  if (given) return {Verdict::Given, {}, {}};
  if (output->report.on_host.empty()) return {Verdict::Pass, {}, {}};
  const auto& first = output->report.on_host[0];
  return {Verdict::Cpu, first.why, first.op};
}

}  // namespace neuron::test
