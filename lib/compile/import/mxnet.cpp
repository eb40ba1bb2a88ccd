// SPDX-License-Identifier: Apache-2.0
#include "compile/import/mxnet.h"

#include <algorithm>

#include "compile/import/arity.h"
#include "compile/import/mxnet/symbol.h"

namespace neuron::compile::mxnet {
namespace {

struct Reader {
  const Symbol& symbol;
  const Arrays& arrays;
  onnx::Importer& im;
  std::vector<Values> made = {};

  const Tensor* array_of(const std::string& name) const;
  Result<ValueId> variable(const Operator& node);
  Result<Values> operate(const Operator& node);
  Result<> run();
};

const Tensor* Reader::array_of(const std::string& name) const {
  for (const char* prefix : {"arg:", "aux:", ""})
    if (const auto at = arrays.find(prefix + name); at != arrays.end()) return &at->second;
  return nullptr;
}

/// "__shape__" of a variable, where sizes of 0 are open.
Result<std::optional<Shape>> shape_in_file(const Operator& node) {
  for (const char* key : {"__shape__", "shape"}) {
    const auto at = node.attributes.find(key);
    if (at == node.attributes.end() || at->second == "None") continue;
    const auto numbers = numbers_in(at->second);
    if (!numbers) return fail(Code::Malformed, "attribute '{}' is '{}'", key, at->second);
    Shape shape;
    for (const auto& number : *numbers) shape.push_back(number.value_or(0) > 0 ? *number : -1);
    return std::optional(std::move(shape));
  }
  return std::optional<Shape>{};
}

Result<ValueId> Reader::variable(const Operator& node) {
  if (const Tensor* array = array_of(node.name)) {
    Draft d(im, Node{"null", node.name, {}, {}, {}, node.name});
    return d.constant(*array);
  }
  const InputForm* form = onnx::form_given_for(im, node.name);
  const auto value = im.options.values.find(node.name);
  const auto file = TRY(shape_in_file(node));
  DType type = form && form->type ? *form->type : DType::Float32;
  Shape shape;
  if (form)
    shape = form->shape;
  else if (value != im.options.values.end())
    type = value->second.type;
  else if (file)
    shape = TRY(bound_shape(im, node.name, *file));
  else
    return fail(Code::BadUsage,
                "input '{}': the model does not tell its shape, and no array has its name; give it "
                "with --io-config '{{\"inputs\": {{\"{}\": [[1, 3, 224, 224], \"float32\"]}}}}'",
                node.name, node.name);
  return add_input(im, node.name, type, shape);
}

/// Before 0.9 the state of a BatchNorm was no node: it is found by its name.
Result<> add_old_state(const Reader& reader, const Operator& node, Node& out) {
  if (!node.op.starts_with("BatchNorm") || out.inputs.size() != 3) return {};
  for (const char* state : {"_moving_mean", "_moving_var"}) {
    const Tensor* array = reader.array_of(node.name + state);
    if (!array) return fail(Code::Malformed, "there is no array '{}{}'", node.name, state);
    Draft d(reader.im, Node{"null", node.name + state, {}, {}, {}, node.name});
    out.inputs.emplace_back(d.constant(*array));
  }
  return {};
}

Result<Values> Reader::operate(const Operator& node) {
  const Row* row = find_row(node.op);
  if (!row) return unknown_operator(node.op);
  Node out{node.op, node.name, {}, {}, {}, node.name};
  for (const auto& [name, value] : node.attributes) out.attributes.emplace(name, value);
  for (std::size_t k = 0; k < inputs_that_count(node); ++k) {
    const Edge& edge = node.inputs[k];
    if (edge.port >= made[edge.node].size())
      return fail(Code::Malformed, "it reads output {} of node '{}', which has {}", edge.port,
                  symbol.nodes[edge.node].name, made[edge.node].size());
    out.inputs.emplace_back(made[edge.node][edge.port]);
  }
  TRY(add_old_state(*this, node, out));
  TRY(check_count(out.inputs.size(), "input", row->min_inputs, row->max_inputs));
  Draft d(im, std::move(out));
  const Values values = row->translate(d, row->onnx);
  TRY(d.done());
  return values;
}

Result<> Reader::run() {
  const std::vector<bool> needed = needed_of(symbol);
  made.resize(symbol.nodes.size());
  for (std::size_t i = 0; i < symbol.nodes.size(); ++i) {
    const Operator& node = symbol.nodes[i];
    if (!needed[i]) continue;
    if (node.op == "null") {
      const ValueId value = TRY(variable(node));
      made[i] = {value};
    } else {
      made[i] = TRY(operate(node).within(title_of(node)));
    }
  }
  return {};
}

/// Outputs by the names of their nodes; the user may name nodes inside.
Result<std::vector<Edge>> chosen_heads(const Symbol& symbol, const onnx::Options& options) {
  if (options.io.outputs.empty()) return symbol.heads;
  std::vector<Edge> heads;
  for (const std::string& name : options.io.outputs) {
    const auto at = std::find_if(symbol.nodes.begin(), symbol.nodes.end(), [&](const Operator& n) {
      return n.name == name || n.name + "_output" == name || n.name + ":0" == name;
    });
    if (at == symbol.nodes.end())
      return fail(Code::BadUsage, "output '{}' is no node of the model", name);
    heads.push_back({static_cast<std::uint32_t>(at - symbol.nodes.begin()), 0});
  }
  return heads;
}

}  // namespace

std::string title_of(const Operator& node) {
  return fmt::format("node '{}' ({})", node.name, node.op);
}

std::string output_name(const Operator& node, std::uint32_t port) {
  return port == 0 ? node.name : fmt::format("{}_output{}", node.name, port);
}

std::size_t inputs_that_count(const Operator& node) {
  const Row* row = find_row(node.op);
  const std::size_t labels = row ? row->labels : 0;
  return node.inputs.size() -
         std::min(labels, node.inputs.size() - std::min<std::size_t>(1, node.inputs.size()));
}

std::vector<bool> needed_of(const Symbol& symbol) {
  std::vector<bool> needed(symbol.nodes.size(), false);
  for (const Edge& head : symbol.heads) needed[head.node] = true;
  for (std::size_t i = symbol.nodes.size(); i-- > 0;) {
    if (!needed[i]) continue;
    const Operator& node = symbol.nodes[i];
    for (std::size_t k = 0; k < inputs_that_count(node); ++k) needed[node.inputs[k].node] = true;
  }
  return needed;
}

Result<Graph> parse(ByteView bytes, const Arrays& arrays, const onnx::Options& options) {
  Symbol symbol = TRY(read_symbol(bytes));
  return graph_of(std::move(symbol), arrays, options);
}

Result<Graph> graph_of(Symbol symbol, const Arrays& arrays, const onnx::Options& options) {
  symbol.heads = TRY(chosen_heads(symbol, options));
  onnx::Importer im{.options = options, .steps_left = kMostDraftNodes};
  im.graph.opset = kDraftOpset;
  Reader reader{symbol, arrays, im};
  TRY(reader.run());
  for (const auto& [name, form] : options.io.inputs)
    if (!im.used_forms.count(name) && !reader.array_of(name))
      return fail(Code::BadUsage, "no input '{}' to give a shape to, or no output needs it", name);
  TRY(check_all_used(im));
  for (const Edge& head : symbol.heads) {
    const Operator& node = symbol.nodes[head.node];
    if (head.port >= reader.made[head.node].size())
      return fail(Code::Malformed, "heads: node '{}' has no output {}", node.name, head.port);
    TRY(add_output(im, output_name(node, head.port), reader.made[head.node][head.port]));
  }
  return std::move(im.graph);
}

}  // namespace neuron::compile::mxnet
