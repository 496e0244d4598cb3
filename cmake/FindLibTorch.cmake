# LibTorch's CPU libraries from the PyPI wheel, as torch::cpu (which brings torch::c10).
#
# torch's own CMake configuration cannot be used: it stops without nvcc, and with one it overrides
# the chosen GPU architectures. The folder keeps the wheels' layout, because the libraries look for
# the CUDA runtime at $ORIGIN/../../nvidia/cu13/lib.
set(LibTorch_root ${ACTIUM_LIBTORCH_DIR})
if(NOT LibTorch_root)
  # Where setup.sh unpacks the version that is pinned in wheels.lock. Not cached: it may change.
  include(ActiumCache)
  file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/wheels.lock LibTorch_lock REGEX "^torch ")
  string(REGEX REPLACE "^torch +([^ ]+) .*" "\\1" LibTorch_version "${LibTorch_lock}")
  set(LibTorch_root ${ACTIUM_CACHE_DIR}/libtorch-${LibTorch_version})
endif()

set(LibTorch_lib ${LibTorch_root}/torch/lib)
set(LibTorch_INCLUDE ${LibTorch_root}/torch/include)
if(EXISTS ${LibTorch_lib}/libtorch_cpu.so)
  set(LibTorch_CPU ${LibTorch_lib}/libtorch_cpu.so)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LibTorch_CPU
  REASON_FAILURE_MESSAGE "run cmake/setup.sh, which fetches the pinned wheels into ${LibTorch_root}")

if(LibTorch_FOUND AND NOT TARGET torch::cpu)
  add_library(torch::c10 SHARED IMPORTED)
  set_target_properties(torch::c10 PROPERTIES IMPORTED_LOCATION ${LibTorch_lib}/libc10.so)
  add_library(torch::cpu SHARED IMPORTED)
  set_target_properties(torch::cpu PROPERTIES IMPORTED_LOCATION ${LibTorch_CPU})
  target_include_directories(torch::cpu SYSTEM INTERFACE
    ${LibTorch_INCLUDE} ${LibTorch_INCLUDE}/torch/csrc/api/include)
  target_compile_definitions(torch::cpu INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
  target_link_libraries(torch::cpu INTERFACE torch::c10 Threads::Threads)
  target_link_options(torch::cpu INTERFACE
    -Wl,-rpath-link,${LibTorch_lib} -Wl,-rpath-link,${LibTorch_root}/nvidia/cu13/lib)
endif()
