# The digest of the cpu.so of this build, so that packages with it run without being asked for.
set(own ${PROJECT_BINARY_DIR}/generated/own_library.cpp)
add_custom_command(OUTPUT ${own} DEPENDS cpu_node ${cpu_library} ${CMAKE_CURRENT_LIST_DIR}/digest.cmake
                   COMMAND ${CMAKE_COMMAND} -DLIBRARY=${cpu_library} -DOUT=${own}
                           -P ${CMAKE_CURRENT_LIST_DIR}/digest.cmake VERBATIM)
target_sources(neuron_nrt PRIVATE ${own})
