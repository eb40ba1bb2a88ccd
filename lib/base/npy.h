// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/file.h"
#include "base/tensor.h"

/// NumPy's .npy files, versions 1.0 to 3.0, C order. Public format: numpy.lib.format.
/// Two-byte void elements ("|V2", "<V2") are bfloat16, as in real packages.
namespace neuron::npy {

/// True when the bytes begin as every .npy file does.
bool is_npy(ByteView bytes);
Result<Tensor> parse(ByteView bytes);
/// Only the data of a whole and valid file, where it lies in `bytes`.
Result<ByteView> data_of(ByteView bytes);
Result<Tensor> read(const fs::path& path);
/// Version 1.0, data at a multiple of 64.
Bytes bytes_of(const Tensor& tensor);

}  // namespace neuron::npy
