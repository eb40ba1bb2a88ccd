// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "base/result.h"

namespace neuron::host {

/// Serves a text at /metrics, as Prometheus asks for it, in threads of its own.
class Exporter {
 public:
  /// Port 0 takes any free one. Io when the address cannot be bound.
  static Result<Exporter> start(const std::string& address, int port);
  Exporter(Exporter&&) noexcept;
  ~Exporter();
  int port() const;
  void set(std::string text);

 private:
  struct State;
  explicit Exporter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace neuron::host
