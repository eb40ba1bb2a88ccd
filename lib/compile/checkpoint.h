// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/tensor.h"

/// Partitioned checkpoints of MXNet, as the Python module writes them: a symbol whose
/// `_neuron_subgraph_op` nodes have their packages among the arrays, and nodes that the host does.
///   const auto checkpoint = TRY(mxnet::read_checkpoint("compiled-symbol.json"));
///   for (const Step& step : checkpoint.steps) execute(step.on_host() ? ... : step.neff);
namespace neuron::compile::mxnet {

struct Symbol;

/// Output `port` of node `node` of the symbol.
struct Place {
  std::uint32_t node = 0, port = 0;
  auto operator<=>(const Place&) const = default;
};

/// A node that is a package, or one of the host that becomes a package once its inputs are known.
struct Step {
  struct Wire {
    std::string name;  ///< of an input or output of the package
    Place place;
  };
  std::uint32_t node = 0;
  std::string name, op;
  std::vector<Wire> inputs, outputs;
  Bytes neff;  ///< empty for a node of the host
  bool on_host() const { return neff.empty(); }
};

struct Checkpoint {
  std::vector<Step::Wire> inputs, outputs;   ///< by their names in the symbol
  std::vector<Step> steps;                   ///< in an order in which they can run
  std::map<std::string, Tensor> arrays;      ///< of the file, packages taken out
  std::map<Place, const Tensor*> constants;  ///< those of `arrays` that steps read as inputs
  std::shared_ptr<const Symbol> symbol;
};

/// Whether `path` looks like the symbol or the arrays of a checkpoint; one without subgraphs is all
/// of the host.
bool is_checkpoint(const fs::path& path);
/// Either file of it; the other is looked for beside it. Errors: Io; Malformed with the node.
Result<Checkpoint> read_checkpoint(const fs::path& path);
/// The same of a symbol and arrays that were read.
Result<Checkpoint> checkpoint_of(ByteView symbol, std::map<std::string, Tensor> arrays);

using Known = std::map<Place, Tensor>;
/// The node of a step of the host as a package for inputs such as those in `known`. What lib/cpu
/// can do runs on the CPU. Errors: as of importing the node.
Result<Bytes> host_package(const Checkpoint& checkpoint, const Step& step, const Known& known);

}  // namespace neuron::compile::mxnet
