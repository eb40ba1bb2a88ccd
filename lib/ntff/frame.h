// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "base/bytes.h"
#include "base/result.h"

/// The zstd frame that a trace may travel in.
namespace neuron::ntff {

bool is_framed(ByteView bytes);

struct Unframed {
  Bytes bytes;
  bool complete = true;  ///< false: the frame was cut short; `bytes` is what could be had
};
/// Fails on damage inside the frame and on one that expands beyond all sense.
Result<Unframed> unframe(ByteView framed);
/// The same, piece by piece; returns Unframed::complete.
Result<bool> unframe(ByteView framed, const std::function<Result<>(ByteView)>& take);
Bytes frame(ByteView plain);

}  // namespace neuron::ntff
