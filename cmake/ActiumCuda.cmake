# CUDA as a language, where there is a toolkit: ACTIUM_CUDA is then ON. It is looked for in
# ACTIUM_CUDA_DIR, in the pinned wheels (cmake/setup.sh build-cuda unpacks them), and on the PATH.
#
# ACTIUM_CUDA_ARCHITECTURES: for which GPUs the plug-in is compiled.
set(ACTIUM_CUDA_DIR "" CACHE PATH "Folder of a CUDA Toolkit, which has bin/nvcc; empty: the pinned wheels' or the PATH's")
set(ACTIUM_CUDA_ARCHITECTURES 90-real CACHE STRING "GPUs to compile for, as CMAKE_CUDA_ARCHITECTURES")

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
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
endif()
