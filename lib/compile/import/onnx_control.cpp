// SPDX-License-Identifier: Apache-2.0
// Control flow becomes straight: a condition that is known chooses its branch now, another one
// chooses between the results of both; loops with a known count are unrolled.
#include <algorithm>

#include "compile/constants.h"
#include "compile/import/onnx_importer.h"
#include "compile/import/onnx_parts.h"

namespace neuron::compile::onnx {
namespace {

constexpr std::int64_t kMostSteps = 4096;

const ::onnx::GraphProto* graph_at(const ::onnx::NodeProto& proto, const char* name) {
  for (const auto& attribute : proto.attribute())
    if (attribute.name() == name && attribute.has_g()) return &attribute.g();
  return nullptr;
}

Result<const ::onnx::GraphProto*> body_of(const ::onnx::NodeProto& proto, const char* name) {
  if (const auto* graph = graph_at(proto, name)) return graph;
  return fail(Code::Malformed, "attribute '{}' is missing", name);
}

/// The value of a scalar that is known, or nothing.
std::optional<std::int64_t> known(Builder& b, ValueId v) {
  if (!b.known(v) || b.count(v) != 1) return std::nullopt;
  return integer_at(*b.graph.value(v).constant, 0);
}

Result<> inline_if(Importer& im, const ::onnx::NodeProto& proto, const Node& node) {
  const auto* yes = TRY(body_of(proto, "then_branch"));
  const auto* no = TRY(body_of(proto, "else_branch"));
  Builder b = builder_for(im, node);
  const ValueId condition = b.in(0);
  TRY(b.done());
  if (const auto value = known(b, condition)) {
    const Values chosen = TRY(inline_graph(im, *value != 0 ? *yes : *no, {}));
    return bind_outputs(im, node, chosen);
  }
  const Values a = TRY(inline_graph(im, *yes, {})), c = TRY(inline_graph(im, *no, {}));
  Values out;
  for (std::size_t o = 0; o < std::min(a.size(), c.size()); ++o) {
    if (b.shape(a[o]) != b.shape(c[o]) || b.type(a[o]) != b.type(c[o]))
      return fail(Code::UnsupportedOperator,
                  "output {} is {} or {}, and the condition is not known when the model is "
                  "compiled; supported are branches of one shape, or a condition given with "
                  "--value {}=...",
                  o, text_of(b.shape(a[o])), text_of(b.shape(c[o])),
                  im.graph.value(condition).name);
    out.push_back(b.where(b.reshape(condition, {}), a[o], c[o]));
  }
  TRY(b.done());
  return bind_outputs(im, node, out);
}

Error unknown_count(const Importer& im, ValueId v) {
  return fail(Code::UnsupportedOperator,
              "'{}', which ends the loop, is not known when the model is compiled; supported are "
              "constants, or a value given with --value",
              im.graph.value(v).name);
}

/// Body: (iteration, condition, carried...) -> (condition, carried..., scanned...).
Result<> unroll_loop(Importer& im, const ::onnx::NodeProto& proto, const Node& node) {
  const auto* body = TRY(body_of(proto, "body"));
  Builder b = builder_for(im, node);
  const std::size_t carried = node.inputs.size() > 2 ? node.inputs.size() - 2 : 0;
  std::int64_t most = kMostSteps;
  if (b.has(0)) {
    const auto trip = known(b, b.in(0));
    if (!trip) return unknown_count(im, b.in(0));
    most = *trip;
  }
  if (most > kMostSteps)
    return fail(Code::NoResource, "{} steps, supported are {}", most, kMostSteps);
  ValueId goes_on = b.has(1) ? b.in(1) : b.scalar(1, DType::Bool);
  Values state;
  for (std::size_t i = 0; i < carried; ++i) state.push_back(b.in(i + 2));
  TRY(b.done());
  if (body->output_size() < static_cast<int>(carried) + 1)
    return fail(Code::Malformed, "the body has {} outputs for {} carried values",
                body->output_size(), carried);
  const std::size_t scans = static_cast<std::size_t>(body->output_size()) - carried - 1;
  std::vector<Values> scanned(scans);
  for (std::int64_t i = 0; i < most; ++i) {
    const auto runs = known(b, goes_on);
    if (runs && *runs == 0) break;
    if (!runs && (scans > 0 || !b.has(0))) return unknown_count(im, goes_on);
    Values inputs{b.scalar(static_cast<double>(i), DType::Int64), goes_on};
    inputs.insert(inputs.end(), state.begin(), state.end());
    const Values out = TRY(inline_graph(im, *body, inputs));
    for (std::size_t s = 0; s < carried; ++s) {
      // After the condition has failed the state stays as it was.
      if (!runs && b.shape(out[s + 1]) != b.shape(state[s])) return unknown_count(im, goes_on);
      state[s] = runs ? out[s + 1] : b.where(b.reshape(goes_on, {}), out[s + 1], state[s]);
    }
    for (std::size_t s = 0; s < scans; ++s)
      scanned[s].push_back(b.unsqueeze(out[s + 1 + carried], 0));
    goes_on = runs ? out[0] : b.op("And", {b.reshape(goes_on, {}), b.reshape(out[0], {})});
    if (!b.has(0) && i + 1 == most) return unknown_count(im, goes_on);
  }
  for (const Values& parts : scanned) {
    if (parts.empty())
      return fail(Code::UnsupportedOperator, "a loop that never runs gives an empty result");
    state.push_back(b.concat(parts, 0));
  }
  TRY(b.done());
  return bind_outputs(im, node, state);
}

/// Body: (state..., slices...) -> (state..., slices...).
Result<> unroll_scan(Importer& im, const ::onnx::NodeProto& proto, const Node& given) {
  const auto* body = TRY(body_of(proto, "body"));
  Node node = given;
  node.attributes = TRY(plain_attributes(proto));
  Builder b = builder_for(im, node);
  // Before opset 9 a batch comes first, and sequence lengths before everything.
  const bool batched = im.graph.opset < 9;
  if (batched && b.has(0)) return fail(Code::UnsupportedOperator, "sequence_lens of opset 8");
  const std::size_t first = batched ? 1 : 0, inputs = node.inputs.size() - first;
  const auto scans =
      static_cast<std::size_t>(std::max<std::int64_t>(0, b.integer("num_scan_inputs", 0)));
  if (scans == 0 || scans > inputs) return fail(Code::Malformed, "num_scan_inputs is {}", scans);
  const std::size_t states = inputs - scans;
  const std::size_t outs = static_cast<std::size_t>(body->output_size());
  if (outs < states) return fail(Code::Malformed, "the body has {} outputs", outs);
  const auto option = [&](const char* name, std::size_t i) {
    const Ints list = b.integers(name);
    return i < list.size() ? list[i] : 0;
  };
  const std::int64_t batches = batched ? b.dim(b.in(first), 0) : 1;
  std::vector<Values> finals(states), rows(outs - states);
  std::vector<std::vector<Values>> all(outs - states);
  for (std::int64_t n = 0; n < batches && !b.failed(); ++n) {
    const auto input = [&](std::size_t i) {
      const ValueId v = b.in(first + i);
      return batched ? b.squeeze(b.slice(v, 0, n, n + 1), 0) : v;
    };
    Values state;
    for (std::size_t s = 0; s < states; ++s) state.push_back(input(s));
    std::vector<Values> scanned(outs - states);
    std::int64_t steps = 0;
    for (std::size_t s = 0; s < scans; ++s) {
      const ValueId v = input(states + s);
      steps = b.dim(v, option("scan_input_axes", s));
    }
    if (steps > kMostSteps)
      return fail(Code::NoResource, "{} steps, supported are {}", steps, kMostSteps);
    for (std::int64_t t = 0; t < steps && !b.failed(); ++t) {
      Values in = state;
      for (std::size_t s = 0; s < scans; ++s) {
        const ValueId v = input(states + s);
        const std::int64_t axis = b.front(option("scan_input_axes", s), b.rank(v));
        const bool back = option(batched ? "directions" : "scan_input_directions", s) != 0;
        const std::int64_t at = back ? steps - 1 - t : t;
        in.push_back(b.squeeze(b.slice(v, axis, at, at + 1), axis));
      }
      TRY(b.done());
      const Values out = TRY(inline_graph(im, *body, in));
      std::copy_n(out.begin(), states, state.begin());
      for (std::size_t o = states; o < outs; ++o) scanned[o - states].push_back(out[o]);
    }
    for (std::size_t s = 0; s < states; ++s) finals[s].push_back(state[s]);
    for (std::size_t o = 0; o < scanned.size(); ++o) {
      if (scanned[o].empty()) return fail(Code::UnsupportedOperator, "a scan of no steps");
      if (option("scan_output_directions", o) != 0)
        std::reverse(scanned[o].begin(), scanned[o].end());
      const std::int64_t axis = b.front(option("scan_output_axes", o), b.rank(scanned[o][0]) + 1);
      Values parts;
      for (ValueId v : scanned[o]) parts.push_back(b.unsqueeze(v, axis));
      rows[o].push_back(b.concat(parts, axis));
    }
  }
  Values out;
  for (auto* group : {&finals, &rows})
    for (const Values& parts : *group) {
      if (parts.empty()) return fail(Code::Malformed, "a scan without a batch");
      Values joined;
      for (ValueId v : parts) joined.push_back(batched ? b.unsqueeze(v, 0) : v);
      out.push_back(b.concat(joined, 0));
    }
  TRY(b.done());
  return bind_outputs(im, node, out);
}

}  // namespace

Result<bool> control_flow(Importer& im, const ::onnx::NodeProto& proto, const Node& node,
                          bool standard) {
  if (!standard) return false;
  if (proto.op_type() == "If")
    TRY(inline_if(im, proto, node));
  else if (proto.op_type() == "Loop")
    TRY(unroll_loop(im, proto, node));
  else if (proto.op_type() == "Scan")
    TRY(unroll_scan(im, proto, node));
  else
    return false;
  return true;
}

}  // namespace neuron::compile::onnx
