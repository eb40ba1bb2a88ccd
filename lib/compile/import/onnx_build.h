// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <onnx/onnx_pb.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compile/attributes.h"
#include "compile/fold.h"
#include "compile/shapes.h"

/// Operators of ONNX that become several of operators.def while a model is read.
///   std::vector<ValueId> swish(Builder& b) {
///     return {b.mul(b.in(0), b.op("Sigmoid", {b.in(0)}))};
///   }
namespace neuron::compile::onnx {

using Ints = std::vector<std::int64_t>;

using Values = std::vector<ValueId>;
using Inputs = std::vector<std::optional<ValueId>>;

/// What the file says of a value's form, where it says it whole.
using Declared = std::function<const Form*(ValueId)>;

/// Promise: the first error sticks; what is built after it means nothing, and every look and every
/// call stays safe. Constants are computed at once.
class Builder {
 public:
  Builder(Graph& g, FoldBudget& budget, Node node, std::int64_t opset, Declared declared)
      : graph(g), node_(std::move(node)), opset_(opset), budget_(budget), declared_(declared) {}

  Graph& graph;

  // The operator that is written out.
  const Node& node() const { return node_; }
  std::int64_t opset() const { return opset_; }
  std::size_t inputs() const { return node_.inputs.size(); }
  std::size_t outputs() const { return node_.outputs.size(); }
  bool has(std::size_t input) const { return has_input(node_, input); }
  ValueId in(std::size_t input);
  /// Form of output `index` as the model declares it, or null.
  const Form* declared(std::size_t index) const;
  std::int64_t integer(const char* name, std::int64_t fallback);
  float real(const char* name, float fallback);
  std::string text(const char* name, const char* fallback = "");
  Ints integers(const char* name);
  /// An axis attribute or value, counted from the front.
  std::int64_t front(std::int64_t axis, std::int64_t rank);

  // Values.
  Shape shape(ValueId v) const { return graph.value(v).shape; }
  DType type(ValueId v) const { return graph.value(v).type; }
  std::int64_t rank(ValueId v) const { return static_cast<std::int64_t>(shape(v).size()); }
  /// Size of an axis, negative from the end; 1 where there is none.
  std::int64_t dim(ValueId v, std::int64_t axis) const;
  std::int64_t count(ValueId v) const { return count_of(shape(v)); }
  bool known(ValueId v) const { return graph.value(v).constant.has_value(); }
  /// Elements of a constant; an error when it is none.
  Ints constant_integers(ValueId v, const char* what);

  // Nodes.
  Values many(const std::string& op, Inputs inputs, Attributes attributes, std::size_t outputs);
  ValueId op(const std::string& op, const Values& inputs, Attributes attributes = {});
  ValueId constant(Tensor tensor);
  ValueId scalar(double value, DType type = DType::Float32);
  /// A scalar of the type of `like`.
  ValueId scalar_like(double value, ValueId like) { return scalar(value, type(like)); }
  ValueId list(const Ints& values, DType type = DType::Int64);
  /// 0, 1, 2 ... along the only axis that is not 1, which is `axis` of `rank`.
  ValueId iota(std::int64_t count, DType type = DType::Int64, std::int64_t rank = 1,
               std::int64_t axis = 0);
  ValueId add(ValueId a, ValueId b) { return op("Add", {a, b}); }
  ValueId sub(ValueId a, ValueId b) { return op("Sub", {a, b}); }
  ValueId mul(ValueId a, ValueId b) { return op("Mul", {a, b}); }
  ValueId div(ValueId a, ValueId b) { return op("Div", {a, b}); }
  ValueId add(ValueId a, double b) { return add(a, scalar_like(b, a)); }
  ValueId sub(ValueId a, double b) { return sub(a, scalar_like(b, a)); }
  ValueId mul(ValueId a, double b) { return mul(a, scalar_like(b, a)); }
  ValueId div(ValueId a, double b) { return div(a, scalar_like(b, a)); }
  ValueId less(ValueId a, double b) { return op("Less", {a, scalar_like(b, a)}); }
  ValueId where(ValueId c, ValueId a, ValueId b) { return op("Where", {c, a, b}); }
  ValueId matmul(ValueId a, ValueId b) { return op("MatMul", {a, b}); }
  ValueId cast(ValueId v, DType to);
  ValueId reshape(ValueId v, Shape to);
  ValueId transpose(ValueId v, Ints perm);
  ValueId swap(ValueId v, std::int64_t a, std::int64_t b);  ///< two axes; negative from the end
  ValueId expand(ValueId v, Shape to);
  ValueId slice(ValueId v, std::int64_t axis, std::int64_t from, std::int64_t to,
                std::int64_t step = 1);
  ValueId concat(const Values& parts, std::int64_t axis);
  ValueId reduce(const char* op, ValueId v, Ints axes, bool keep = true);
  ValueId unsqueeze(ValueId v, std::int64_t axis);
  ValueId squeeze(ValueId v, std::int64_t axis);
  ValueId gather(ValueId v, ValueId index, std::int64_t axis);

  /// Stops the import with this error.
  void stop(Error error);
  template <class... Args>
  void refuse(fmt::format_string<Args...> words, Args&&... args) {
    stop(fail(Code::UnsupportedOperator, "{}", fmt::format(words, std::forward<Args>(args)...)));
  }
  template <class... Args>
  void malformed(fmt::format_string<Args...> words, Args&&... args) {
    stop(fail(Code::Malformed, "{}", fmt::format(words, std::forward<Args>(args)...)));
  }
  bool failed() const { return error_.has_value(); }
  Result<> done() const { return error_ ? Result<>(*error_) : Result<>{}; }

 private:
  template <class T>
  T attribute(const char* name, T fallback, const char* kind);
  Result<Values> make(const std::string& op, Inputs inputs, Attributes attributes,
                      std::size_t outputs);

  Node node_;
  std::int64_t opset_;
  FoldBudget& budget_;
  Declared declared_;
  std::optional<Error> error_;
};

using Expand = Values (*)(Builder& b);
struct Expansion {
  std::string_view op;
  std::size_t min_inputs, max_inputs;
  Expand expand;
};
/// An operator that operators.def knows with constant operands, and its form with computed ones:
/// taken where an operand from `first_operand` on is computed, or where `needs` says so.
struct Late {
  std::size_t first_operand;
  bool (*needs)(const Graph& graph, const Node& node, const ::onnx::NodeProto& proto);
  Expansion expansion;
};
const Late* find_late(std::string_view op);
/// The row of expansions.def, or null.
const Expansion* find_expansion(std::string_view op);

}  // namespace neuron::compile::onnx
