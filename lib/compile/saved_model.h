// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "base/file.h"

/// Compiled models in the form in which TensorFlow serves them: SavedModels whose graph is one
/// NeuronOp between the ends of a signature.
namespace neuron::compile {

/// Writes TO/saved_model.pb: the signature of the SavedModel `from`, with its names of tensors,
/// around one NeuronOp that holds `neff`, which was compiled from it. Same arguments, same bytes.
/// Errors: those of reading both; Io.
Result<> write_saved_model(const fs::path& from, const fs::path& to, ByteView neff);

/// The package in a SavedModel (a folder, or the file in it); nothing where `path` is none. Errors:
/// Malformed; NotFound where it was not compiled, or holds several packages.
Result<std::optional<Bytes>> package_in_saved_model(const fs::path& path);

}  // namespace neuron::compile
