# Archives are indexed by their machine code alone. Left to itself the archiver loads GCC's plugin
# and lists what was inlined away, too; whoever then lists an archive twice links its members twice.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_CXX_ARCHIVE_CREATE "<CMAKE_AR> qcS <TARGET> <LINK_FLAGS> <OBJECTS>")
  set(CMAKE_CXX_ARCHIVE_FINISH "<CMAKE_RANLIB> --plugin=/dev/null <TARGET>")
endif()

# A room is a folder with one library. It sees the rooms it USES, and no others.
#   vdm_room(name SOURCES ... USES ... [PCH asio|grpc] [HOT])
# A HOT room is on the path of every request: vdm-proxy is optimised across them when it is
# linked, which takes a tenth off a request. Tests link the same objects as they stand.
function(vdm_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "HOT" "PCH" "SOURCES;USES")
  add_library(vdm_${name} STATIC ${room_SOURCES})
  add_library(vdm::${name} ALIAS vdm_${name})
  vdm_our_code(vdm_${name})
  target_link_libraries(vdm_${name} PUBLIC ${room_USES})
  if(room_PCH)
    vdm_use_pch(vdm_${name} ${room_PCH})
  endif()
  if(room_HOT AND NOT VDM_SANITIZE)
    target_compile_options(vdm_${name} PRIVATE $<$<CONFIG:Release>:-flto=auto -ffat-lto-objects>)
  endif()
endfunction()

# A room of headers only.
function(vdm_header_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "USES")
  add_library(vdm_${name} INTERFACE)
  add_library(vdm::${name} ALIAS vdm_${name})
  target_include_directories(vdm_${name} INTERFACE ${PROJECT_SOURCE_DIR})
  target_link_libraries(vdm_${name} INTERFACE ${room_USES})
endfunction()

# A program: its name, its sources, the rooms it USES; HOT: optimised across its HOT rooms.
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
  if(room_PCH)
    vdm_use_pch(${name} ${room_PCH})
  endif()
endfunction()

# One test program per group of rooms; every TEST becomes a ctest case. `vdm_all_tests` builds them all.
#   vdm_test(name SOURCES ... USES ... [PCH asio|grpc] [LABELS ...] [THREADS])
# Each test file is compiled alone, so that what is local to one needs no name of its own in the whole
# program; GoogleTest's headers are precompiled, beside those of PCH.
# THREADS: what it tests has some. The others tell ThreadSanitizer nothing, and are not built for it.
function(vdm_test name)
  cmake_parse_arguments(PARSE_ARGV 1 room "THREADS" "PCH" "SOURCES;USES;LABELS")
  # Debian's gRPC is built without ThreadSanitizer, so that its locks are invisible: all it says is false.
  vdm_links_grpc(uses_grpc ${room_USES})
  if(uses_grpc AND VDM_SANITIZE MATCHES "thread")
    return()
  endif()
  add_executable(${name} ${room_SOURCES})
  vdm_our_code(${name})
  target_link_libraries(${name} PRIVATE ${room_USES} GTest::gtest GTest::gmock GTest::gtest_main)
  target_link_options(${name} PRIVATE -fno-lto)
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  string(JOIN _ pch test ${room_PCH})
  vdm_use_pch(${name} ${pch})
  if(VDM_SANITIZE MATCHES "thread" AND NOT room_THREADS)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  add_dependencies(vdm_all_tests ${name})
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 120 LABELS "${room_LABELS}")
endfunction()

# Whether any of these targets, or what they link, is gRPC.
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
  # A unity build includes each source file, and GCC then takes what is local to one for a header's.
  if(CMAKE_UNITY_BUILD)
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  # Instrumented code makes GCC 12 guess wrongly; dev and release builds are held to -Werror.
  if(NOT VDM_SANITIZE)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# Heavy headers are parsed once per build and reused by every room that asks.
function(vdm_use_pch target kind)
  if(NOT TARGET vdm_pch_${kind})
    message(FATAL_ERROR "no precompiled header '${kind}'")
  endif()
  target_precompile_headers(${target} REUSE_FROM vdm_pch_${kind})
endfunction()

function(vdm_define_pch kind)
  cmake_parse_arguments(PARSE_ARGV 1 pch "" "" "HEADERS;USES")
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/pch/${kind}.cc CONTENT "")
  add_library(vdm_pch_${kind} STATIC ${PROJECT_BINARY_DIR}/pch/${kind}.cc)
  vdm_our_code(vdm_pch_${kind})
  target_link_libraries(vdm_pch_${kind} PUBLIC ${pch_USES})
  target_precompile_headers(vdm_pch_${kind} PRIVATE ${pch_HEADERS})
endfunction()
