# cpu.so: the operators of neuron_cpu behind one function, for packages with CPU nodes. It needs the
# C and C++ libraries only, and becomes a part of neuron_compile, which puts it into packages.
set(cpu_library ${PROJECT_BINARY_DIR}/generated/cpu.so)
add_library(cpu_node MODULE $<TARGET_OBJECTS:neuron_cpu> lib/base/numbers.cpp lib/base/stored.cpp
            lib/base/dtype.cpp)
target_include_directories(cpu_node PRIVATE ${PROJECT_SOURCE_DIR}/lib)
target_link_options(cpu_node PRIVATE -Wl,--gc-sections -Wl,-s
                    -Wl,--version-script=${PROJECT_SOURCE_DIR}/lib/cpu/cpu.map)
set_target_properties(cpu_node PROPERTIES PREFIX "" OUTPUT_NAME cpu
                      LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/generated
                      LINK_DEPENDS ${PROJECT_SOURCE_DIR}/lib/cpu/cpu.map)

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/cpu_library.c CONTENT
     "/* Made by lib/cpu/embed.cmake. */
__asm__(\".section .rodata\\n.balign 16\\n\"
        \".global neuron_cpu_library\\nneuron_cpu_library:\\n\"
        \".incbin \\\"${cpu_library}\\\"\\n\"
        \".global neuron_cpu_library_end\\nneuron_cpu_library_end:\\n\"
        \".previous\\n\");
")
set_source_files_properties(${PROJECT_BINARY_DIR}/generated/cpu_library.c
                            PROPERTIES OBJECT_DEPENDS ${cpu_library} SKIP_PRECOMPILE_HEADERS ON)
target_sources(neuron_compile PRIVATE ${PROJECT_BINARY_DIR}/generated/cpu_library.c)
add_dependencies(neuron_compile cpu_node)
