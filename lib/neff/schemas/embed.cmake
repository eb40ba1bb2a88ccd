# Makes the schemas of this folder a part of neuron_neff, so that the program can print them.
file(GLOB schema_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${schema_files})
set(schemas "")
foreach(schema_file ${schema_files})
  get_filename_component(schema_name ${schema_file} NAME_WE)
  file(READ ${schema_file} schema)
  string(APPEND schemas "    {\"${schema_name}\", R\"schema(${schema})schema\"},\n")
endforeach()
set(schema_source ${PROJECT_BINARY_DIR}/generated/neff_schemas.cpp)
file(CONFIGURE OUTPUT ${schema_source} @ONLY CONTENT [==[// Made by lib/neff/schemas/embed.cmake.
#include "neff/schemas.h"

namespace neuron::neff {
std::map<std::string_view, std::string_view> schemas() {
  return {
@schemas@  };
}
}  // namespace neuron::neff
]==])
target_sources(neuron_neff PRIVATE ${schema_source})
