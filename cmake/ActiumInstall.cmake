# cmake --install BUILD --prefix DIR [--strip]: the programs in DIR/bin with every library that they
# need in DIR/lib, so that DIR can be moved to any Linux with Debian 12's glibc and libstdc++ or newer.
install(TARGETS actium-server actium
  RUNTIME_DEPENDENCY_SET actium_libraries
  RUNTIME DESTINATION bin)
if(TARGET actium_cuda)  # Where the server looks for it; if it was built.
  install(TARGETS actium_cuda LIBRARY DESTINATION lib OPTIONAL)
endif()
set_target_properties(actium-server actium PROPERTIES INSTALL_RPATH [[$ORIGIN/../lib]])
foreach(program actium-server actium)
  # An rpath of the old kind is also searched for the libraries of libraries.
  target_link_options(${program} PRIVATE -Wl,--disable-new-dtags)
endforeach()
install(RUNTIME_DEPENDENCY_SET actium_libraries
  # What belongs to glibc and gcc comes from where the programs run, but for OpenMP: oneDNN and
  # LibTorch's own copy of it must be the same one.
  PRE_EXCLUDE_REGEXES [[^ld-linux]] [[^lib(c|m|pthread|dl|rt|resolv|gcc_s|stdc\+\+|gomp)\.so]]
  LIBRARY DESTINATION lib)
install(FILES ${LibTorch_lib}/libgomp.so.1 DESTINATION lib)
