// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <signal.h>

#include "base/result.h"

namespace neuron::nrt::cc {

/// Loads libfabric, NEURON_SIM_LIBFABRIC, when it is first needed: it brings a dozen libraries that
/// a program without collectives should not wait for. Its functions may be called once this
/// succeeded.
Result<> load_libfabric();

/// Signals stay with whoever has them: some libraries and providers of libfabric take some.
class KeptSignals {
 public:
  KeptSignals();
  ~KeptSignals();
  KeptSignals(const KeptSignals&) = delete;

 private:
  static constexpr int kTaken[] = {SIGHUP,  SIGINT,  SIGILL,  SIGABRT, SIGBUS,  SIGFPE, SIGUSR1,
                                   SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGTRAP};
  struct sigaction before_[std::size(kTaken)];
};

}  // namespace neuron::nrt::cc
