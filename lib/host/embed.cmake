# The dashboard becomes a part of neuron_host.
set(dashboard ${CMAKE_CURRENT_LIST_DIR}/grafana.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${dashboard})
file(READ ${dashboard} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," hex "${hex}")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/grafana.cpp CONTENT
     "// Made by lib/host/embed.cmake.
#include \"host/prometheus.h\"

namespace neuron::host {
namespace {
constexpr char kDashboard[] = {${hex}};
}  // namespace
std::string_view grafana_dashboard() { return {kDashboard, sizeof kDashboard}; }
}  // namespace neuron::host
")
target_sources(neuron_host PRIVATE ${PROJECT_BINARY_DIR}/generated/grafana.cpp)
