// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "nrt/api/border.h"

namespace neuron::nrt {
namespace {

struct StatusRow {
  NRT_STATUS status;
  const char* name;
  std::initializer_list<Code> codes;
};
const StatusRow kStatuses[] = {
#define NRT_STATUS_ROW(status, ...) {status, #status, {__VA_ARGS__}},
#include "nrt/status.def"
#undef NRT_STATUS_ROW
};

/// This thread's last failure. It goes before the exit handlers of the process, where clients still
/// call nrt_close; what fails then is logged only.
thread_local bool is_ending = false;
struct Last {
  Error error{Code::Internal, "no call has failed"};
  ~Last() { is_ending = true; }
};
thread_local Last last;

/// A full or an empty queue is news, no failure: clients ask again until it is otherwise.
log::Level level_of(NRT_STATUS status) {
  return status == NRT_QUEUE_FULL || status == NRT_QUEUE_EMPTY ? log::Level::Debug
                                                               : log::Level::Error;
}

}  // namespace

WishedStatus& wished_status() {
  thread_local WishedStatus wish;
  return wish;
}

Error last_failure() { return is_ending ? Error{Code::BadState, "the thread ends"} : last.error; }

NRT_STATUS status_of(const Error& error) {
  if (wished_status().status != NRT_SUCCESS && wished_status().code == error.code)
    return wished_status().status;
  // BadState is two statuses: before nrt_init and after nrt_close.
  if (error.code == Code::BadState && runtime().state() == State::Closed) return NRT_CLOSED;
  for (const StatusRow& row : kStatuses)
    if (std::find(row.codes.begin(), row.codes.end(), error.code) != row.codes.end())
      return row.status;
  return NRT_FAILURE;
}

const char* name_of(NRT_STATUS status) {
  for (const StatusRow& row : kStatuses)
    if (row.status == status) return row.name;
  return "UNKNOWN";
}

NRT_STATUS report(const char* function, Error error) noexcept {
  const NRT_STATUS status = status_of(error);
  wished_status() = {};
  try {
    log::write("NRT", level_of(status), function, "{} ({})", error.message, name_of(status));
    if (!is_ending) last.error = std::move(error);
  } catch (...) {
    // Nothing is left to say it with.
  }
  return status;
}

}  // namespace neuron::nrt

extern "C" {

// Clients may define this name themselves; the library asks name_of() instead.
const char* nrt_get_status_as_str(NRT_STATUS status) { return neuron::nrt::name_of(status); }

}  // extern "C"
