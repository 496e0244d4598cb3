# LibTorch's CPU libraries from the PyPI wheel, as torch::cpu (which brings torch::c10).
#
# torch's own CMake configuration cannot be used: it stops without nvcc, and with one it overrides
# the chosen GPU architectures. The folder keeps the wheels' layout, because the libraries look for
# the CUDA runtime at $ORIGIN/../../nvidia/cu13/lib.
if(NOT ACTIUM_LIBTORCH_DIR)
  # The version is the one pinned in wheels.lock, where setup.sh unpacks it.
  file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/wheels.lock _lock REGEX "^torch ")
  string(REGEX REPLACE "^torch +([^ ]+) .*" "\\1" _version "${_lock}")
  if(DEFINED ENV{ACTIUM_CACHE})
    set(_cache $ENV{ACTIUM_CACHE})
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(_cache $ENV{XDG_CACHE_HOME}/actium)
  else()
    set(_cache $ENV{HOME}/.cache/actium)
  endif()
  set(ACTIUM_LIBTORCH_DIR ${_cache}/libtorch-${_version} CACHE PATH "" FORCE)
endif()

set(LibTorch_lib ${ACTIUM_LIBTORCH_DIR}/torch/lib)
find_path(LibTorch_INCLUDE torch/headeronly/version.h PATHS ${ACTIUM_LIBTORCH_DIR}/torch/include NO_DEFAULT_PATH)
find_file(LibTorch_CPU libtorch_cpu.so PATHS ${LibTorch_lib} NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LibTorch_INCLUDE LibTorch_CPU
  REASON_FAILURE_MESSAGE "run cmake/setup.sh, which fetches the pinned wheels into ${ACTIUM_LIBTORCH_DIR}")

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
    -Wl,-rpath-link,${LibTorch_lib} -Wl,-rpath-link,${ACTIUM_LIBTORCH_DIR}/nvidia/cu13/lib)
endif()
