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
    .bind = nullptr};

}  // namespace neuron::cmd
