// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "base/file.h"
#include "base/tensor.h"

/// What a model file leaves open, as users of neuron-cc write it: which inputs of which shape and
/// type, which outputs.
///   auto config = TRY(read_io_config(R"({"inputs": {"x:0": [[1,3,8,8], "float32"]}})"));
namespace neuron::compile {

struct InputForm {
  Shape shape;
  std::optional<DType> type;
};
struct IoConfig {
  std::map<std::string, InputForm> inputs;  ///< by the name in the model, such as "x" or "x:0"
  std::vector<std::string> outputs;         ///< all of the model's when empty
};

/// `text` is JSON, or names a file, plain or as file://PATH, that holds JSON or, when it ends in
/// .pbtxt, the text form of TensorFlow's ahead-of-time configuration (feeds and fetches).
/// Errors: Malformed and Io with the file and the member; BadUsage for other kinds of URI.
Result<IoConfig> read_io_config(const std::string& text);

/// The path that a plain name or a file:// URI stands for. Errors: BadUsage for other schemes.
Result<fs::path> path_of_uri(const std::string& uri);

}  // namespace neuron::compile
