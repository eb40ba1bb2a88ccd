// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "neff/info.h"

/// `packager diff`: what two packages have not in common.
///   const auto differences = TRY(neff::differences_of(a, b, reader));
namespace neuron::neff {

/// One thing that is not the same. A thing that only one package has is empty in the other.
struct Difference {
  std::string part;   ///< "header", "members", "tensors", "instructions", "queues"
  std::string thing;  ///< "data_size", "sg00/def.json", "sg00 pe MATMUL"
  std::string a, b;
};
/// In the order of the parts; empty for packages that hold the same. Times, names of builds and the
/// way of packing count as header fields only.
Result<std::vector<Difference>> differences_of(const Package& a, const Package& b,
                                               const InstructionReader& reader);

}  // namespace neuron::neff
