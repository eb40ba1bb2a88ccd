// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "host/ls.h"

namespace neuron::host {

/// Says, while it lives, that this process looks at the box: neuron-ls --show-all-procs shows it.
class Observing {
 public:
  /// Without a box to write in, it says nothing: looking must never fail for that.
  explicit Observing(const Box& box);
  ~Observing();
  Observing(const Observing&) = delete;

 private:
  fs::path path_;
  int fd_ = -1;
};

/// Living observers and this process, by number.
std::vector<Observer> observers_of(const Box& box);

/// The command line of this process, words joined by blanks.
std::string own_command();

}  // namespace neuron::host
