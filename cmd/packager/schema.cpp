// SPDX-License-Identifier: Apache-2.0
#include "cmd/packager/schema.h"

#include "neff/schemas.h"

namespace neuron::cmd {

void add_json_schema(CLI::App& app, const char* command) {
  const auto print = [command] {
    std::string text(neff::schemas().at(command));
    if (text.ends_with('\n')) text.pop_back();
    throw CLI::CallForVersion(text, 0);  // as --version: before anything that is required
  };
  app.add_flag_callback("--json-schema", print, "print the JSON schema of --json, and no more");
}

}  // namespace neuron::cmd
