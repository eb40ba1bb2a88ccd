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
    .bind = nullptr};

}  // namespace neuron::cmd
