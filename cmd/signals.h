// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace neuron::cmd {

/// Lets no signal leave half-written files behind. SIGINT, SIGTERM and SIGHUP end the program with
/// the status of Interrupted, unless whoever started it had them ignored (nohup). SIGBUS of a
/// mapped file that somebody cut short is told in one line and ends it with the status of Io.
void handle_signals();

}  // namespace neuron::cmd
