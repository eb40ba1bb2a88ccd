# Makes info.schema.json a part of neuron_neff, so that the program can print it.
set(schema_file ${CMAKE_CURRENT_LIST_DIR}/info.schema.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${schema_file})
file(READ ${schema_file} schema)
set(schema_source ${PROJECT_BINARY_DIR}/generated/info_schema.cpp)
file(CONFIGURE OUTPUT ${schema_source} @ONLY CONTENT [==[// Made by lib/neff/schema.cmake.
#include "neff/info.h"

namespace neuron::neff {
std::string_view info_schema() {
  return R"schema(@schema@)schema";
}
}  // namespace neuron::neff
]==])
target_sources(neuron_neff PRIVATE ${schema_source})
