// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compile/import/tensorflow/messages.pb.h>

#include <map>
#include <memory>

#include "base/file.h"
#include "base/tensor.h"

/// A checkpoint of TensorFlow 2 (a "tensor bundle"): PREFIX.index is a sorted table of names (the
/// table format of LevelDB, as its documentation describes it), PREFIX.data-K-of-N hold the bytes.
///   auto bundle = TRY(Bundle::open("model/variables/variables"));
///   auto tensor = TRY(bundle.read("dense/kernel"));
namespace neuron::compile::tensorflow {

/// Keys and values of a table. Errors: Malformed with the offset.
Result<std::map<std::string, std::string>> read_table(ByteView bytes);

class Bundle {
 public:
  static Result<Bundle> open(const fs::path& prefix);
  /// The tensor of that name; its checksum is held against the bytes.
  Result<Tensor> read(const std::string& name) const;

 private:
  fs::path prefix_;
  std::map<std::string, ::neuron::tensorflow::BundleEntryProto> entries_;
  std::vector<std::shared_ptr<const MappedFile>> shards_;
};

}  // namespace neuron::compile::tensorflow
