// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/compare.h"
#include "base/json.h"
#include "cmd/command.h"
#include "nrt/session.h"

/// What `run` does with outputs: saves, shows and compares them.
namespace neuron::cmd {

struct OutputWishes {
  fs::path labels, directory = ".";
  bool npy = false, json = false, save = true;
  int top = 0;
  std::vector<std::pair<std::string, std::string>> expected;  ///< output and file
  Tolerance tolerance;
};
void bind_outputs(CLI::App& app, OutputWishes& wishes);

/// Outputs, and how one is read.
struct Outputs {
  const std::vector<nrt::Port>& ports;
  std::function<Result<Tensor>(const nrt::Port&)> read;
};
/// A member "outputs" is added to `report`; text is printed unless it is to be JSON.
Result<> show_outputs(const OutputWishes& wishes, const Outputs& outputs, Terminal& io,
                      Json& report);
/// Outputs must be those of files that the user gave. Errors: Mismatch with both values.
Result<> check_expected(const OutputWishes& wishes, const Outputs& outputs, Terminal& io);

Json json_of(const nrt::Port& port);

}  // namespace neuron::cmd
