// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "base/file.h"
#include "base/tensor.h"

/// NumPy's .npz files: a zip of .npy members, stored as numpy.savez writes them (public format:
/// PKZIP APPNOTE). Deflated members are refused by name.
namespace neuron::npz {

/// True when the bytes begin as every .npz file does.
bool is_npz(ByteView bytes);
/// Tensors by name, without ".npy".
Result<std::map<std::string, Tensor>> parse(ByteView bytes);

}  // namespace neuron::npz
