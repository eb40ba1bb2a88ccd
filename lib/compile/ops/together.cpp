// SPDX-License-Identifier: Apache-2.0
// What ranks do together: from HBM to HBM, between the stores that it waits for and the loads that
// wait for it.
#include "compile/ops/lowering.h"
#include "compile/parallel/share.h"

namespace neuron::compile {

Result<> lower_together(Lowering& in, const Node& node) {
  const Value& part = input_of(in.graph, node, 0);
  const bool sums = node.op == kAllReduce;
  if (sums && part.type != DType::Float32)
    return unsupported(node, fmt::format("sums of {}", name_of(part.type)), "float32");
  Together together;
  together.sums = sums;
  together.bytes = count_of(part.shape) * static_cast<std::int64_t>(size_of(part.type));
  together.ranks = static_cast<std::uint32_t>(int_of(node, "ranks", 1));
  together.from = TRY(in.device(*node.inputs[0]));
  together.to = in.define_device(node.outputs[0]);
  in.kernel.join(together);
  return {};
}

}  // namespace neuron::compile
