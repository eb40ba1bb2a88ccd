// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/import/onnx_importer.h"

/// What importers of other formats write with: an operator of theirs becomes nodes of ONNX, one at
/// a time, each checked, given its shape and folded as those of an ONNX file are.
///   Values relu6(Draft& d) { return {d.one("Clip", {d.in(0), d.scalar(0), d.scalar(6)})}; }
namespace neuron::compile {

using onnx::Inputs;
using onnx::Ints;
using onnx::Values;

/// The opset whose forms Draft::many() takes.
inline constexpr std::int64_t kDraftOpset = 18;
/// What loops and functions may unroll to.
inline constexpr std::size_t kMostDraftNodes = 200000;

class Draft : public onnx::Builder {
 public:
  /// `node` is the operator of the other format; in() and the looks at attributes are of it.
  Draft(onnx::Importer& im, Node node)
      : Builder(onnx::builder_for(im, std::move(node))), importer_(im) {}

  /// An operator of ONNX with its inputs as opset 18 has them. Errors stick, as in Builder.
  Values many(const std::string& op, const Inputs& inputs, const Attributes& attributes,
              std::size_t outputs);
  ValueId one(const std::string& op, const Inputs& inputs, const Attributes& attributes = {}) {
    return many(op, inputs, attributes, 1)[0];
  }
  /// What the user should know of.
  void warn(const std::string& text) const {
    if (importer_.options.warn) importer_.options.warn(text);
  }

 private:
  onnx::Importer& importer_;
};

/// Names a value of the graph for outputs: the graph gives `value` under `name`.
Result<> add_output(onnx::Importer& im, const std::string& name, ValueId value);
/// An input of the graph.
Result<ValueId> add_input(onnx::Importer& im, const std::string& name, DType type,
                          const Shape& shape);

/// Sizes of an input whose file leaves some open (negative): from the sizes that the user gives as
/// "NAME.AXIS", or as "NAME" for one open axis; the rest is an error that tells what to give.
Result<Shape> bound_shape(onnx::Importer& im, const std::string& name, const Shape& shape);
/// Refuses what the user gave and no input has used.
Result<> check_all_used(const onnx::Importer& im);

}  // namespace neuron::compile
