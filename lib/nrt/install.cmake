# What a program that is linked with libnrt needs: the library, its headers, and how to find them.
include(CMakePackageConfigHelpers)

set(NRT_HEADERS nrt.h nrt_status.h nrt_version.h nrt_experimental.h nrt_profile.h nrt_sys_trace.h
                nrt_async.h nrt_async_sendrecv.h nrt_cpu_node.h ndebug_stream.h nec.h)
list(TRANSFORM NRT_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/lib/nrt/)
install(FILES ${NRT_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/nrt)
# Clients name the lower floors with and without nrt/ in front.
foreach(directory "" nrt/)
  install(FILES ${PROJECT_SOURCE_DIR}/lib/nrt/ndl/ndl.h
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${directory}ndl)
  install(FILES ${PROJECT_SOURCE_DIR}/lib/nrt/nds/neuron_ds.h
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${directory}nds)
endforeach()

set_target_properties(nrt_shared PROPERTIES EXPORT_NAME nrt)
target_include_directories(nrt_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(TARGETS nrt_shared EXPORT neuronTargets)

set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/neuron)
install(EXPORT neuronTargets NAMESPACE neuron:: DESTINATION ${cmake_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/lib/nrt/neuronConfig.cmake.in
                              ${CMAKE_BINARY_DIR}/neuronConfig.cmake
                              INSTALL_DESTINATION ${cmake_dir} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/neuronConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/neuronConfig.cmake ${CMAKE_BINARY_DIR}/neuronConfigVersion.cmake
        DESTINATION ${cmake_dir})

# Relative to the .pc file, so that the installed tree may be moved.
file(RELATIVE_PATH PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${PROJECT_SOURCE_DIR}/lib/nrt/neuron.pc.in ${CMAKE_BINARY_DIR}/neuron.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/neuron.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
