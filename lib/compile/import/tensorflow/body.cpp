// SPDX-License-Identifier: Apache-2.0
#include "compile/import/tensorflow/body.h"

#include <algorithm>
#include <charconv>
#include <queue>

namespace neuron::compile::tensorflow {
namespace {

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<> add_op(Body& body, const pb::NodeDef& node) {
  if (node.name().empty()) return fail(Code::Malformed, "a node has no name");
  if (node.op().empty()) return fail(Code::Malformed, "node '{}' has no operator", node.name());
  Op op{node.name(), node.op(), &node.attr(), {}, {}, find_row(node.op())};
  const auto at = static_cast<std::uint32_t>(body.ops.size());
  if (!body.index.emplace(op.name, at).second)
    return fail(Code::Malformed, "node '{}' is given twice", op.name);
  body.ops.push_back(std::move(op));
  return {};
}

// Where the output that functions call `word` starts among those of an operator.
std::uint32_t first_port(const Op& op, std::string_view word) {
  std::uint32_t at = 0;
  std::string_view names = op.row ? op.row->outputs : "";
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(','), names.size());
    if (names.substr(0, end) == word) return at;
    names.remove_prefix(std::min(end + 1, names.size()));
    ++at;
  }
  return 0;
}

// "node:word:K" of a function, or the name of an argument.
Result<Edge> find_inner(const Body& body, const std::string& reference) {
  const std::size_t first = reference.find(':'), second = reference.rfind(':');
  const auto at = body.index.find(reference.substr(0, first));
  if (at == body.index.end())
    return fail(Code::Malformed, "'{}' is no node", reference.substr(0, first));
  if (first == reference.npos) return Edge{at->second, 0};
  if (first == second)
    return Edge{at->second, first_port(body.ops[at->second], reference.substr(first + 1))};
  const auto port = number_in(std::string_view(reference).substr(second + 1));
  if (!port) return fail(Code::Malformed, "'{}' names no output", reference);
  const std::string word = reference.substr(first + 1, second - first - 1);
  return Edge{at->second, first_port(body.ops[at->second], word) + *port};
}

template <class Find>
Result<> connect(Body& body, std::size_t first, const auto& nodes, Find find) {
  for (int i = 0; i < nodes.size(); ++i) {
    Op& op = body.ops[first + static_cast<std::size_t>(i)];
    for (const std::string& input : nodes.Get(i).input()) {
      const bool control = input.starts_with("^");
      auto edge = find(body, control ? input.substr(1) : input);
      if (!edge) return std::move(edge).error().within(fmt::format("node '{}': input", op.name));
      if (control)
        op.controls.push_back(edge->op);
      else
        op.inputs.push_back(*edge);
    }
  }
  return {};
}

}  // namespace

Result<Edge> find_edge(const Body& body, const std::string& reference) {
  const std::string plain = reference.starts_with("^") ? reference.substr(1) : reference;
  if (const auto at = body.index.find(plain); at != body.index.end()) return Edge{at->second, 0};
  const std::size_t cut = plain.rfind(':');
  const auto at = body.index.find(plain.substr(0, cut));
  if (at == body.index.end() || cut == plain.npos)
    return fail(Code::Malformed, "'{}' is no node", plain);
  const auto port = number_in(std::string_view(plain).substr(cut + 1));
  if (!port) return fail(Code::Malformed, "'{}' names no output", reference);
  return Edge{at->second, *port};
}

Result<Body> body_of(const pb::GraphDef& graph) {
  Body body;
  for (const auto& node : graph.node()) TRY(add_op(body, node));
  TRY(connect(body, 0, graph.node(), find_edge));
  return body;
}

Result<Body> body_of(const pb::FunctionDef& function) {
  Body body;
  body.name = function.signature().name();
  for (const auto& argument : function.signature().input_arg()) {
    const auto at = static_cast<std::uint32_t>(body.ops.size());
    if (!body.index.emplace(argument.name(), at).second)
      return fail(Code::Malformed, "argument '{}' is given twice", argument.name());
    body.ops.push_back({argument.name(), "_Arg", nullptr, {}, {}, nullptr, static_cast<int>(at)});
  }
  const std::size_t first = body.ops.size();
  for (const auto& node : function.node_def()) TRY(add_op(body, node));
  TRY(connect(body, first, function.node_def(), find_inner));
  for (const auto& result : function.signature().output_arg()) {
    const auto at = function.ret().find(result.name());
    if (at == function.ret().end())
      return fail(Code::Malformed, "result '{}' is given by no node", result.name());
    const Edge edge = TRY(find_inner(body, at->second));
    body.results.push_back(edge);
  }
  for (const auto& [name, node] : function.control_ret()) {
    const Edge edge = TRY(find_inner(body, node));
    body.effects.push_back(edge.op);
  }
  return body;
}

}  // namespace neuron::compile::tensorflow
