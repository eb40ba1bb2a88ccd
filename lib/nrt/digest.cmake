# Run by own_library.cmake when cpu.so has changed.
file(SHA256 ${LIBRARY} digest)
file(WRITE ${OUT} "// Made by lib/nrt/digest.cmake.
#include \"nrt/own_library.h\"

namespace neuron::nrt {
const std::string_view kOwnCpuLibrary = \"${digest}\";
}  // namespace neuron::nrt
")
