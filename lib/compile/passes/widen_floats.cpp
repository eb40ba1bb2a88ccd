// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

/// Operators that sum, which the machine does in float32 whatever the interface is. Functions of
/// single elements read and write narrow floats as they are.
constexpr std::string_view kSums[] = {"MatMul",
                                      "Gemm",
                                      "Conv",
                                      "ConvTranspose",
                                      "MaxPool",
                                      "AveragePool",
                                      "Softmax",
                                      "LRN",
                                      "LogSoftmax",
                                      "InstanceNormalization",
                                      "GlobalMaxPool",
                                      "GlobalAveragePool",
                                      "Resize",
                                      "PRelu",
                                      "LayerNormalization",
                                      "ReduceSum",
                                      "ReduceMean",
                                      "ReduceMax",
                                      "ReduceMin",
                                      "ReduceProd",
                                      "BatchNormalization",
                                      "Pad",
                                      "Sum",
                                      "Mean"};

bool is_narrow(DType type) { return type == DType::Float16 || type == DType::BFloat16; }

Node cast(const Node& from, ValueId in, ValueId out, DType to) {
  return {"Cast", from.name, {in}, {out}, {{"to", static_cast<std::int64_t>(to)}}, from.layer};
}

}  // namespace

Result<> widen_floats(Graph& graph) {
  return rewrite_each(
      graph, [](Graph& g, const Node& node) -> Result<std::optional<std::vector<Node>>> {
        const bool sums = std::find(std::begin(kSums), std::end(kSums), node.op) != std::end(kSums);
        if (!sums || !is_narrow(g.value(node.outputs[0]).type))
          return std::optional<std::vector<Node>>{};
        std::vector<Node> out;
        Node wide = node;
        for (auto& input : wide.inputs) {
          if (!input || !is_narrow(g.value(*input).type)) continue;
          const Value from = g.value(*input);
          const ValueId to = add_value(g, from.name + "#float32", DType::Float32, from.shape);
          out.push_back(cast(node, *input, to, DType::Float32));
          input = to;
        }
        std::vector<Node> after;
        for (ValueId& output : wide.outputs) {
          const Value to = g.value(output);
          if (!is_narrow(to.type)) continue;
          const ValueId from = add_value(g, to.name + "#float32", DType::Float32, to.shape);
          after.push_back(cast(node, from, output, to.type));
          output = from;
        }
        out.push_back(std::move(wide));
        out.insert(out.end(), after.begin(), after.end());
        return std::optional<std::vector<Node>>(std::move(out));
      });
}

}  // namespace neuron::compile::passes
