// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "neff/model.h"

/// Private to the writer: the JSON of each kind of member, as its reader expects it.
namespace neuron::neff {

Json neff_json(const Model& model);
Json definition_json(const Subgraph& subgraph, bool with_debug);
Json engine_json(const EngineProgram& program);
Json tensor_map_json(const Subgraph& subgraph);

/// Names of the debug files of an engine: "debug_info_asm_PE.dbg".
std::string asm_debug_name(std::string_view token);
std::string backend_debug_name(std::string_view token);

}  // namespace neuron::neff
