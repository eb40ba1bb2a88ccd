// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "compile/import/tensorflow/body.h"

/// TensorFlow's graphs are programs: the importer runs them, with values of our graph in place of
/// numbers. What is known (shapes, counters, conditions) is computed on the way, so loops come to
/// an end and functions are written out; the rest becomes nodes.
namespace neuron::compile::tensorflow {

/// A side of a conditional whose condition only the device will know.
struct Branch {
  ValueId condition;
  bool side = false;
};
/// Elements of a TensorArray or a TensorList; those that nobody has written are empty.
struct List {
  std::vector<std::optional<ValueId>> elements;
  DType type = DType::Float32;
  std::optional<Shape> shape;
};
/// What flows along an edge: a tensor, or one of the things that only importing knows.
struct Item {
  std::optional<ValueId> value = {};
  std::shared_ptr<const List> list = {};
  std::optional<std::uint32_t> variable = {};
  std::optional<std::vector<std::string>> words = {};  ///< a tensor of strings
  bool dead = false;                                   ///< on the side that is not taken
  std::vector<Branch> branches = {};
};
using Items = std::vector<Item>;

struct Variable {
  std::string name;
  Item value;
};
/// Tensors of a checkpoint by name.
using Checkpoint = std::function<Result<Tensor>(const std::string& name)>;

class Runner {
 public:
  /// `graph` outlives the runner; its library holds the functions.
  Runner(onnx::Importer& im, const pb::GraphDef& graph, Checkpoint checkpoint = nullptr)
      : importer(im), restore(std::move(checkpoint)), graph_(graph) {}

  onnx::Importer& importer;
  std::vector<Variable> variables;
  Checkpoint restore;  ///< null where there is none
  Item prefix;         ///< stands for the place of the checkpoint

  /// Runs what `results` and `effects` need. `feeds` are values that are given for outputs 0.
  Result<Items> run(const Body& body, const std::vector<Edge>& results,
                    const std::vector<std::uint32_t>& effects,
                    const std::map<std::uint32_t, Item>& feeds);
  Result<Items> call(const std::string& function, const Items& arguments);

  /// The operator as a draft that is about to be written; its inputs are tensors.
  Result<Draft> draft_of(const Op& op, const Items& in);
  /// A tensor of a Const, made once.
  Result<Item> constant_of(const Op& op);
  std::uint32_t variable_named(const std::string& name);

 private:
  struct Activation {
    const Body& body;
    std::vector<bool> given;
    std::vector<Frame> frames;
    std::vector<Items> items;
  };
  Result<> run_frame(Activation& a, std::uint32_t at);
  Result<> run_round(Activation& a, const Frame& frame, const Items* again);
  Result<> run_op(Activation& a, std::uint32_t at);
  Result<> translate(const Op& op, const Items& in, Items& out);
  Result<const Body*> function_named(const std::string& name);

  const pb::GraphDef& graph_;
  std::map<std::string, Body> functions_;
  std::unordered_map<const AttributeMap*, Item> constants_;
  int depth_ = 0;
};

/// Loops that take more rounds are refused.
inline constexpr int kMostRounds = 4096;
/// The condition of a loop or a branch, where it is known.
std::optional<bool> known_condition(const Runner& runner, const Item& item);
/// One of both, as the device will find the condition.
Result<Item> select(Runner& runner, const Op& op, ValueId condition, const Item& yes,
                    const Item& no);

}  // namespace neuron::compile::tensorflow
