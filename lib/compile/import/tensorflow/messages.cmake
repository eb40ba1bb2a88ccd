# Makes messages.proto a part of neuron_compile: its classes are generated below the build directory.
set(proto compile/import/tensorflow/messages.proto)
set(made ${PROJECT_BINARY_DIR}/generated/compile/import/tensorflow/messages.pb)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/generated)
add_custom_command(
  OUTPUT ${made}.cc ${made}.h
  COMMAND protobuf::protoc --cpp_out=${PROJECT_BINARY_DIR}/generated -I ${PROJECT_SOURCE_DIR}/lib
          ${PROJECT_SOURCE_DIR}/lib/${proto}
  DEPENDS ${PROJECT_SOURCE_DIR}/lib/${proto} VERBATIM)
target_sources(neuron_compile PRIVATE ${made}.cc)
target_include_directories(neuron_compile SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/generated)
set_source_files_properties(${made}.cc PROPERTIES COMPILE_OPTIONS -w SKIP_PRECOMPILE_HEADERS ON)  # not ours to mend
