# How a target is made here: warnings, sanitizers and include paths in one place.

add_library(actium_warnings INTERFACE)
add_library(actium::warnings ALIAS actium_warnings)
# nvcc has its own words for these.
set(for_cxx $<COMPILE_LANGUAGE:CXX>)
target_compile_options(actium_warnings INTERFACE
  "$<${for_cxx}:-Wall;-Wextra;-Wshadow;-Wconversion;-Werror>")
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(actium_warnings INTERFACE "$<${for_cxx}:-Wthread-safety>")
else()
  # False alarms of gcc 12 inside std::string and std::optional at -O2 and up (gcc bugs 105329, 105593).
  target_compile_options(actium_warnings INTERFACE
    "$<${for_cxx}:-Wno-restrict;-Wno-maybe-uninitialized>")
endif()

if(ACTIUM_SANITIZE)
  add_compile_options(-fsanitize=${ACTIUM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ACTIUM_SANITIZE})
endif()

# actium_library(<target> SOURCES ... [PUBLIC ...] [PRIVATE ...] [IN_PLUGINS])
# One static library per folder, named actium::<target>; include paths start at the root. PUBLIC is
# what its headers need, PRIVATE what its sources need. Without SOURCES it is header-only.
# IN_PLUGINS: it is linked into shared libraries, too.
function(actium_library target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "IN_PLUGINS" "" "SOURCES;PUBLIC;PRIVATE")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "actium_library(${target}): unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(arg_SOURCES)
    add_library(actium_${target} STATIC ${arg_SOURCES})
    target_include_directories(actium_${target} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(actium_${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} actium::warnings)
    set_target_properties(actium_${target} PROPERTIES POSITION_INDEPENDENT_CODE ${arg_IN_PLUGINS})
  else()
    add_library(actium_${target} INTERFACE)
    target_include_directories(actium_${target} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(actium_${target} INTERFACE ${arg_PUBLIC})
  endif()
  add_library(actium::${target} ALIAS actium_${target})
endfunction()

# actium_executable(<name> SOURCES ... LINK ...): a program in <build>/bin. It allocates with
# mimalloc: glibc gives the memory of large tensors back to the kernel after every run, and the page
# faults of getting it again took up to a third of a run.
function(actium_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "actium_executable(${name}): unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINK} actium::warnings $<TARGET_NAME_IF_EXISTS:mimalloc>)
endfunction()

# actium_plugin(<name> SOURCES ... LINK ... BUILD <text>): lib<name>.so in <build>/lib, which shows
# the functions that it exports and nothing else. BUILD says for people what it was built from.
function(actium_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "BUILD" "SOURCES;LINK")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "actium_plugin(${name}): unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE "ACTIUM_CUDA_BUILD=\"${arg_BUILD}\"")
  target_link_libraries(${name} PRIVATE ${arg_LINK} actium::warnings)
  target_link_options(${name} PRIVATE -Wl,--exclude-libs,ALL)
  if(NOT ACTIUM_SANITIZE)  # Sanitizers leave their own to the program.
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden
                        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
endfunction()

# actium_proto(<target> PROTOS ... [PUBLIC ...])
# Messages and gRPC stubs of .proto files, as actium::<target>; imports and includes start at proto/.
function(actium_proto target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PROTOS;PUBLIC")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "actium_proto(${target}): unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(out ${PROJECT_BINARY_DIR}/proto)
  add_library(actium_${target} STATIC ${arg_PROTOS})
  add_library(actium::${target} ALIAS actium_${target})
  target_include_directories(actium_${target} SYSTEM PUBLIC ${out})
  target_link_libraries(actium_${target} PUBLIC ${arg_PUBLIC} protobuf::libprotobuf gRPC::grpc++)
  protobuf_generate(TARGET actium_${target} LANGUAGE cpp IMPORT_DIRS ${PROJECT_SOURCE_DIR}/proto
                    PROTOC_OUT_DIR ${out})
  protobuf_generate(TARGET actium_${target} LANGUAGE grpc IMPORT_DIRS ${PROJECT_SOURCE_DIR}/proto
                    PROTOC_OUT_DIR ${out} GENERATE_EXTENSIONS .grpc.pb.h .grpc.pb.cc
                    PLUGIN "protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>")
  # Generated code is not what ASan is for, and takes minutes under it. Fuzzing does want to see which
  # of its branches an input takes, and under TSan protobuf's maps have another layout.
  if(ACTIUM_SANITIZE AND NOT ACTIUM_SANITIZE MATCHES "fuzzer|thread")
    target_compile_options(actium_${target} PRIVATE -fno-sanitize=all)
  endif()
endfunction()

include(ActiumCache)

# actium-tests builds every test; actium-tests-<label> those with that label.
add_custom_target(actium-tests)
add_custom_target(actium-tests-tsan)

# actium_test(<file_test.cc> LINK ... [SOURCES ...] [LABELS ...] [SERIAL] [TIMEOUT seconds])
# One GoogleTest program, one ctest entry; its results land in <build>/test-results as XML, from
# which tests/run.sh counts. LABELS: unit (default), integration, tsan (also run under TSan).
# ACTIUM_TEST_PYTHON names the interpreter that has tests/requirements.txt; ACTIUM_TEST_HEADERS, if
# set, the target whose precompiled headers the test uses.
function(actium_test source)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "TIMEOUT" "LINK;LABELS;SOURCES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "actium_test(${source}): unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "." name "${folder}/${source}")
  string(REGEX REPLACE "\\.cc$" "" name ${name})
  add_executable(${name} ${source} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LINK} actium::warnings GTest::gmock GTest::gtest_main)
  if(ACTIUM_TEST_HEADERS)
    target_precompile_headers(${name} REUSE_FROM ${ACTIUM_TEST_HEADERS})
  endif()
  target_compile_definitions(${name} PRIVATE
    ACTIUM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    ACTIUM_BINARY_DIR="${PROJECT_BINARY_DIR}"
    ACTIUM_TEST_PYTHON="${ACTIUM_CACHE_DIR}/test-python/bin/python")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  add_dependencies(actium-tests ${name})
  if("tsan" IN_LIST arg_LABELS)
    add_dependencies(actium-tests-tsan ${name})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} RUN_SERIAL ${arg_SERIAL}
    ENVIRONMENT "GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/test-results/${name}.xml")
endfunction()
