# oneDNN from the pinned PyPI wheels, as onednn::onednn. cmake/setup.sh unpacks them.
#
# Its threads are OpenMP's, and libgomp.so.1 is the one copy that LibTorch and gcc use as well; it is
# linked so that omp_set_num_threads() reaches it.
include(ActiumCache)
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/wheels.lock OneDnn_lock REGEX "^onednn-cpu-gomp ")
string(REGEX REPLACE "^onednn-cpu-gomp +([^ ]+) .*" "\\1" OneDnn_version "${OneDnn_lock}")
set(OneDnn_root ${ACTIUM_CACHE_DIR}/onednn-${OneDnn_version})

# Not cached: the pinned version may change.
set(OneDnn_LIBRARY ${OneDnn_root}/onednn_cpu_gomp-${OneDnn_version}.data/data/lib/libdnnl.so.3)
set(OneDnn_INCLUDE ${OneDnn_root}/onednn_devel_cpu_gomp-${OneDnn_version}.data/data/include)
foreach(variable IN ITEMS OneDnn_LIBRARY OneDnn_INCLUDE)
  if(NOT EXISTS ${${variable}})
    unset(${variable})
  endif()
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OneDnn REQUIRED_VARS OneDnn_LIBRARY OneDnn_INCLUDE
  REASON_FAILURE_MESSAGE "run cmake/setup.sh, which fetches the pinned wheels into ${OneDnn_root}")

if(OneDnn_FOUND AND NOT TARGET onednn::onednn)
  add_library(onednn::onednn SHARED IMPORTED)
  set_target_properties(onednn::onednn PROPERTIES
    IMPORTED_LOCATION ${OneDnn_LIBRARY} IMPORTED_SONAME libdnnl.so.3)
  target_include_directories(onednn::onednn SYSTEM INTERFACE ${OneDnn_INCLUDE})
  target_link_libraries(onednn::onednn INTERFACE gomp)
endif()
