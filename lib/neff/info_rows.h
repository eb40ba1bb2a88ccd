// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/info.h"

/// Private to this library: what both forms of `packager info` print of the nodes.
namespace neuron::neff {

struct InfoTensor {
  std::string variable;
  std::uint64_t size = 0;
  const char* type = "";  ///< "IN", "OUT", "WEIGHT" or "SPILL"
  std::string format;
  Shape shape;  ///< empty where no member tells
  DType data_type = DType::Unknown;
  bool has_time_series = false;  ///< outputs of cores have that column, those of CPU operators not
};
/// A subgraph or a CPU operator.
struct InfoBlock {
  std::uint32_t node = 0;
  const char* executor = "";  ///< "NeuronCore" or "CPU"
  std::string name;
  std::vector<InfoTensor> tensors;
};
std::vector<InfoBlock> blocks_of(const Model& model, const InfoOptions& options);
/// The table "NEFF Nodes".
std::string nodes_text(const Model& model, const InfoOptions& options);

}  // namespace neuron::neff
