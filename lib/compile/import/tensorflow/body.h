// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unordered_map>

#include "compile/import/tensorflow/table.h"
#include "compile/import/tensorflow/tensors.h"

/// A graph or a function of TensorFlow, its names resolved and its loops found.
namespace neuron::compile::tensorflow {

/// Output `port` of operator `op`.
struct Edge {
  std::uint32_t op = 0, port = 0;
};
struct Op {
  std::string name, kind;
  const AttributeMap* attributes = nullptr;
  std::vector<Edge> inputs;
  std::vector<std::uint32_t> controls;  ///< operators that must run before
  const Row* row = nullptr;             ///< null for an operator that the table does not have
  int argument = -1;                    ///< of a function
};
struct Body {
  std::string name;
  std::vector<Op> ops;
  std::unordered_map<std::string, std::uint32_t> index;
  std::vector<Edge> results;           ///< of a function
  std::vector<std::uint32_t> effects;  ///< what a function must run beside its results
};

/// The messages must outlive the body. Errors: Malformed for names that are missing or given twice.
Result<Body> body_of(const pb::GraphDef& graph);
Result<Body> body_of(const pb::FunctionDef& function);
/// "node", "node:1" or "^node" of a graph.
Result<Edge> find_edge(const Body& body, const std::string& reference);

/// What one frame of a body runs, in order: an operator, or a whole frame inside (a while loop).
struct Unit {
  bool loop = false;
  std::uint32_t index = 0;  ///< of the operator, or of the frame
};
struct Frame {
  std::string name;
  std::uint32_t parent = 0;
  std::vector<Unit> order;
  std::vector<std::uint32_t> merges;       ///< those that a later round feeds
  std::optional<std::uint32_t> condition;  ///< the LoopCond
};
/// Frame 0 is the body itself. Only what `targets` need is in it; `given` needs nothing.
Result<std::vector<Frame>> frames_of(const Body& body, const std::vector<std::uint32_t>& targets,
                                     const std::vector<bool>& given);
/// Which operators `targets` need; those that are given need none.
std::vector<bool> needed_of(const Body& body, const std::vector<std::uint32_t>& targets,
                            const std::vector<bool>& given);

}  // namespace neuron::compile::tensorflow
