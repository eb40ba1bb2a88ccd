// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"

namespace neuron::cmd {

const Command packager{
    .path = "packager",
    .summary = "Look into NEFF packages, take them apart and make them",
    .details =
        "A NEFF is a 1024-byte header and an archive of graphs, constants and programs; "
        "neuron-neff(5) describes it.",
    .examples = "",
    .bind = [](CLI::App& app) -> Run {
      app.set_version_flag("-v,--version", "neuron-packager " NEURON_VERSION)
          ->description("print the version and exit");
      return nullptr;
    }};

}  // namespace neuron::cmd
