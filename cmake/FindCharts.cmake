# The charts' JavaScript from the pinned wheel, as files: Charts_VEGA, Charts_VEGA_LITE and
# Charts_VEGA_EMBED. cmake/setup.sh unpacks the wheel.
include(ActiumCache)
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/wheels.lock Charts_lock REGEX "^altair-viewer ")
string(REGEX REPLACE "^altair-viewer +([^ ]+) .*" "\\1" Charts_version "${Charts_lock}")
set(Charts_folder ${ACTIUM_CACHE_DIR}/charts-${Charts_version}/altair_viewer/scripts)

# The wheel has older ones as well. Not cached: the pinned version may change.
foreach(file IN ITEMS VEGA=vega-5.21.0.js VEGA_LITE=vega-lite-4.17.0.js VEGA_EMBED=vega-embed-6.20.0.js)
  string(REPLACE "=" ";" pair ${file})
  list(GET pair 0 variable)
  list(GET pair 1 name)
  if(EXISTS ${Charts_folder}/${name})
    set(Charts_${variable} ${Charts_folder}/${name})
  endif()
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Charts REQUIRED_VARS Charts_VEGA Charts_VEGA_LITE Charts_VEGA_EMBED
  REASON_FAILURE_MESSAGE "run cmake/setup.sh, which fetches the pinned wheel into ${Charts_folder}")
