// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"

namespace neuron::cmd {

const Command profile{
    .path = "profile",
    .summary = "Record where the time of a NEFF goes, and look at it",
    .details =
        "Profiles are NTFF files in the layout of real device traces; neuron-ntff(5) "
        "describes it. A trace from real hardware is viewed the same way.",
    .examples = "",
    .bind = [](CLI::App& app) -> Run {
      // neuron-profile, a link that stands for this, is asked for its version as the official one
      // is.
      app.set_version_flag("-v,--version", "neuron-profile " NEURON_VERSION)
          ->description("print the version and exit");
      return nullptr;
    }};

}  // namespace neuron::cmd
