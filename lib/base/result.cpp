// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

namespace neuron {
namespace {
constexpr CodeInfo kCodes[] = {
#define NEURON_ERROR(name, exit, meaning) {#name, exit, meaning},
#include "base/errors.def"
#undef NEURON_ERROR
};
}  // namespace

const CodeInfo& info(Code code) { return kCodes[static_cast<int>(code)]; }

}  // namespace neuron
