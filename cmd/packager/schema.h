// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cmd/command.h"

namespace neuron::cmd {

/// Adds --json-schema, which prints the schema of what `command` of the packager prints as JSON and
/// asks for nothing else.
void add_json_schema(CLI::App& app, const char* command);

}  // namespace neuron::cmd
