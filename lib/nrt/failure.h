// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.h"
#include "nrt/nrt_status.h"

/// Failures whose NRT_STATUS says more than their Code does.
namespace neuron::nrt {

/// The status that this thread's last status_error() asked for, and the code it came with; read and
/// cleared at the border.
struct WishedStatus {
  NRT_STATUS status = NRT_SUCCESS;
  Code code = Code::Internal;
};
WishedStatus& wished_status();

template <class... Args>
Error status_error(NRT_STATUS status, Code code, fmt::format_string<Args...> text, Args&&... args) {
  wished_status() = {status, code};
  return fail(code, text, std::forward<Args>(args)...);
}

/// What went wrong in the last call of this thread that did not succeed. The C API has only
/// numbers; our own commands show this.
Error last_failure();

}  // namespace neuron::nrt
