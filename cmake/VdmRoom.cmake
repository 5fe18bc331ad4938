# The archiver indexes machine code only. With GCC's plugin, which it loads by default, it would also
# index functions that were inlined away, and a program that lists an archive twice would link its
# members twice.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_CXX_ARCHIVE_CREATE "<CMAKE_AR> qcS <TARGET> <LINK_FLAGS> <OBJECTS>")
  set(CMAKE_CXX_ARCHIVE_FINISH "<CMAKE_RANLIB> --plugin=/dev/null <TARGET>")
endif()

# A room is a folder with one library. The library links the rooms it USES, and no others.
#   vdm_room(name SOURCES ... USES ... [PCH asio|grpc] [HOT])
# Its files begin with the precompiled header `std`, or the one that PCH names.
# A HOT room is on the path of every request. Link-time optimisation of vdm-proxy across these rooms
# makes a request a tenth cheaper; tests and other programs link the same objects without it.
function(vdm_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "HOT" "PCH" "SOURCES;USES")
  add_library(vdm_${name} STATIC ${room_SOURCES})
  add_library(vdm::${name} ALIAS vdm_${name})
  vdm_our_code(vdm_${name})
  target_link_libraries(vdm_${name} PUBLIC ${room_USES})
  vdm_use_pch(vdm_${name} ${room_PCH})
  if(room_HOT AND NOT VDM_SANITIZE)
    set(objects -ffat-lto-objects)
    if(VDM_LINKED_HOT_ONLY)
      set(objects -fno-fat-lto-objects)
    endif()
    target_compile_options(vdm_${name} PRIVATE $<$<CONFIG:Release>:-flto=auto ${objects}>)
  endif()
endfunction()

# For a folder whose HOT rooms nothing links but a HOT program and tests. Where no tests are built, these
# rooms are compiled for link-time optimisation alone, not to machine code as well: half the work. Then
# the archiver needs GCC's plugin.
macro(vdm_linked_hot_only)
  if(NOT VDM_TESTS AND NOT VDM_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(VDM_LINKED_HOT_ONLY ON)
    set(CMAKE_CXX_ARCHIVE_FINISH "${CMAKE_CXX_COMPILER_RANLIB} <TARGET>")
  endif()
endmacro()

# A room that has only headers.
function(vdm_header_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "USES")
  add_library(vdm_${name} INTERFACE)
  add_library(vdm::${name} ALIAS vdm_${name})
  target_include_directories(vdm_${name} INTERFACE ${PROJECT_SOURCE_DIR})
  target_link_libraries(vdm_${name} INTERFACE ${room_USES})
endfunction()

# A program: its name, its sources, and the rooms it USES. HOT: optimised across its HOT rooms when linked.
function(vdm_program name)
  cmake_parse_arguments(PARSE_ARGV 1 room "HOT" "PCH" "SOURCES;USES")
  add_executable(${name} ${room_SOURCES})
  vdm_our_code(${name})
  target_link_libraries(${name} PRIVATE ${room_USES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  if(room_HOT AND NOT VDM_SANITIZE)
    target_link_options(${name} PRIVATE $<$<CONFIG:Release>:-O2 -flto=auto>)
  else()
    target_link_options(${name} PRIVATE -fno-lto)
  endif()
  vdm_use_pch(${name} ${room_PCH})
endfunction()

# One test program per group of rooms. `vdm_all_tests` builds them all.
#   vdm_test(name SOURCES ... USES ... [PCH asio] [SHARDS n] [THREADS])
# ctest runs the program whole, in one process, or in n processes that share its tests: a process for each
# test would spend nine tenths of the time on starting. What each process saw is in results/NAME.xml.
# A test file's names stand in a namespace named as the file is, so that a batch of a unity build may have a name
# twice. GoogleTest's headers are precompiled, with those of gRPC where it is linked, else of PCH.
# THREADS: the code under test uses threads. Other tests can show ThreadSanitizer nothing and are not built for it.
function(vdm_test name)
  cmake_parse_arguments(PARSE_ARGV 1 room "THREADS" "PCH;SHARDS" "SOURCES;USES")
  # Debian's gRPC is built without ThreadSanitizer, which cannot see its locks: every report would be false.
  vdm_links_grpc(uses_grpc ${room_USES})
  if(uses_grpc AND VDM_SANITIZE MATCHES "thread")
    return()
  endif()
  add_executable(${name} ${room_SOURCES})
  vdm_our_code(${name})
  vdm_not_optimised(${name})
  target_link_libraries(${name} PRIVATE ${room_USES} GTest::gtest GTest::gmock GTest::gtest_main)
  target_link_options(${name} PRIVATE -fno-lto)
  set_target_properties(${name} PROPERTIES UNITY_BUILD_BATCH_SIZE 8
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(uses_grpc)
    vdm_use_pch(${name} test_grpc)
  elseif(room_PCH)
    vdm_use_pch(${name} test_${room_PCH})
  else()
    vdm_use_pch(${name} test)
  endif()
  if(VDM_SANITIZE MATCHES "thread" AND NOT room_THREADS)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  add_dependencies(vdm_all_tests ${name})
  vdm_run_sharded(${name} ${room_SHARDS})
endfunction()

# The ctest cases of a test program: itself, or itself.1 to itself.n.
function(vdm_run_sharded name)
  set(shards 1 ${ARGN})
  list(GET shards -1 shards)
  foreach(shard RANGE 1 ${shards})
    set(case ${name})
    if(shards GREATER 1)
      set(case ${name}.${shard})
    endif()
    math(EXPR index "${shard} - 1")
    add_test(NAME ${case}
      COMMAND ${name} --gtest_output=xml:${PROJECT_BINARY_DIR}/results/${case}.xml)
    set_tests_properties(${case} PROPERTIES TIMEOUT 600
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

# Whether one of these targets links gRPC, directly or through another.
function(vdm_links_grpc result)
  set(open ${ARGN})
  set(seen "")
  while(open)
    list(POP_FRONT open target)
    if(target MATCHES "^gRPC::")
      set(${result} TRUE PARENT_SCOPE)
      return()
    endif()
    if(TARGET ${target} AND NOT target IN_LIST seen)
      list(APPEND seen ${target})
      get_target_property(linked ${target} INTERFACE_LINK_LIBRARIES)
      if(linked)
        string(REGEX REPLACE "\\$<LINK_ONLY:([^>]*)>" "\\1" linked "${linked}")
        list(APPEND open ${linked})
      endif()
    endif()
  endwhile()
  set(${result} FALSE PARENT_SCOPE)
endfunction()

function(vdm_our_code target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion)
  # A unity build includes each source file, and GCC then takes local code of such a file for a header's.
  if(CMAKE_UNITY_BUILD)
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  # GCC 12 gives false warnings for instrumented code; dev and release builds use -Werror.
  if(NOT VDM_SANITIZE)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# Large headers are parsed once per build; every room that names them in PCH reuses the result.
function(vdm_use_pch target)
  set(kind std ${ARGN})
  list(GET kind -1 kind)
  if(NOT TARGET vdm_pch_${kind})
    message(FATAL_ERROR "no precompiled header '${kind}'")
  endif()
  target_precompile_headers(${target} REUSE_FROM vdm_pch_${kind})
endfunction()

# What tests are made of: to optimise it, and to instrument the result, takes the compiler twice as long. The rooms
# under test are compiled as they always are.
function(vdm_not_optimised target)
  target_compile_options(${target} PRIVATE -O0)
endfunction()

function(vdm_define_pch kind)
  cmake_parse_arguments(PARSE_ARGV 1 pch "" "" "HEADERS;USES")
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/pch/${kind}.cc CONTENT "")
  add_library(vdm_pch_${kind} STATIC ${PROJECT_BINARY_DIR}/pch/${kind}.cc)
  vdm_our_code(vdm_pch_${kind})
  target_link_libraries(vdm_pch_${kind} PUBLIC ${pch_USES})
  target_precompile_headers(vdm_pch_${kind} PRIVATE ${pch_HEADERS})
  if(kind MATCHES "^test")  # a precompiled header serves only files that are optimised like it
    vdm_not_optimised(vdm_pch_${kind})
  endif()
endfunction()
