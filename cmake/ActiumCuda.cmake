# CUDA as a language, where there is a toolkit: ACTIUM_CUDA is then ON. It is looked for in
# ACTIUM_CUDA_DIR, in the pinned wheels (cmake/setup.sh build-cuda unpacks them), and on the PATH.
#
# ACTIUM_CUDA_ARCHITECTURES: for which GPUs the plug-in is compiled; the environment's goes first.
set(ACTIUM_CUDA_DIR "" CACHE PATH "Folder of a CUDA Toolkit, which has bin/nvcc; empty: the pinned wheels' or the PATH's")
set(ACTIUM_CUDA_ARCHITECTURES 90-real CACHE STRING "GPUs to compile for, as CMAKE_CUDA_ARCHITECTURES")
if(DEFINED ENV{ACTIUM_CUDA_ARCHITECTURES})
  set(ACTIUM_CUDA_ARCHITECTURES $ENV{ACTIUM_CUDA_ARCHITECTURES})
endif()

include(ActiumCache)
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/wheels.lock cuda_lock REGEX "^nvidia-cuda-nvcc ")
string(REGEX REPLACE "^nvidia-cuda-nvcc +([^ ]+) .*" "\\1" cuda_version "${cuda_lock}")
# Not cached: the pinned version may change.
find_program(ActiumCuda_NVCC nvcc NO_CACHE NO_DEFAULT_PATH
  PATHS ${ACTIUM_CUDA_DIR}/bin ${ACTIUM_CACHE_DIR}/cuda-${cuda_version}/nvidia/cu13/bin ENV PATH)
set(ACTIUM_CUDA OFF)
if(ActiumCuda_NVCC AND NOT ACTIUM_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(ACTIUM_CUDA ON)
  set(CMAKE_CUDA_COMPILER ${ActiumCuda_NVCC})
  set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
  set(CMAKE_CUDA_ARCHITECTURES ${ACTIUM_CUDA_ARCHITECTURES})
  enable_language(CUDA)
  # CMake 3.25 knows no flag of nvcc's for the language of the targets, which is CMAKE_CXX_STANDARD.
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  # Not find_package(CUDAToolkit): CMake 3.25's ends with an error where a toolkit has no nvToolsExt,
  # which CUDA 13 has not. The runtime is linked in, so that a machine needs the driver only.
  cmake_path(GET ActiumCuda_NVCC PARENT_PATH cuda_bin)
  add_library(actium_cuda_runtime INTERFACE)
  target_include_directories(actium_cuda_runtime SYSTEM INTERFACE
    ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  target_link_directories(actium_cuda_runtime INTERFACE ${cuda_bin}/../lib64)
  target_link_libraries(actium_cuda_runtime INTERFACE cudart_static rt dl Threads::Threads)
endif()
