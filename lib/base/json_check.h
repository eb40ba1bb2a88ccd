// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.h"
#include "base/shared_bytes.h"

namespace neuron::json {

/// The errors that parse() would have, in memory that does not depend on the size of `text`.
Result<> check(const SharedBytes& text);

}  // namespace neuron::json
