// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/tensor.h"
#include "cpu/attribute.h"

/// The graph between importers and lowerings: values with static shapes, nodes in execution order.
namespace neuron::compile {

using neuron::text_of;  // of shapes, beside those of graphs

using ValueId = Id<struct ValueTag>;  ///< index in Graph::values

using neuron::Attribute;

/// What flows: a type and a static shape, and for constants the data.
struct Value {
  std::string name;
  DType type = DType::Float32;
  Shape shape;
  std::optional<Tensor> constant;
  /// Axes whose size only data tell; `shape` has the most that it can be. Empty: none. Only nodes
  /// of the CPU give and read such values.
  std::vector<bool> open = {};
};

/// Why a node runs on the CPU, as an operator of lib/cpu. Its op is that one's after "cpu.".
struct HostPlace {
  std::string why;
  std::int64_t opset = 0;  ///< whose attributes and inputs it has; 0: those of operators.def
};

/// One operator, named as ONNX names it ("Conv"); importers of other formats translate.
struct Node {
  std::string op;
  std::string name;                            ///< of the source model, for messages and profiles
  std::vector<std::optional<ValueId>> inputs;  ///< empty = left out
  std::vector<ValueId> outputs;
  std::map<std::string, Attribute> attributes;
  std::string layer;  ///< source nodes that were fused into it, for debug files
  std::optional<HostPlace> host = std::nullopt;  ///< none: it runs on the NeuronCore
};

struct Graph {
  std::string name;
  std::int64_t opset = 0;
  std::vector<Value> values;
  std::vector<Node> nodes;  ///< topological order
  std::vector<ValueId> inputs, outputs;
  const Value& value(ValueId id) const { return values[id.value]; }
  Value& value(ValueId id) { return values[id.value]; }
};

/// Checks all promises above; the error names the node. Run after import and after every pass.
Result<> verify(const Graph& graph);
/// One line a node, stable, for dumps and golden tests.
std::string text_of(const Graph& graph);

}  // namespace neuron::compile
