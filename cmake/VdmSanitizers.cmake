# -DVDM_SANITIZE=address,undefined or =thread. Sanitizer builds switch Boost's
# own assertions off: Beast 1.81 aborts on a legal body (see http-safety tests).
set(VDM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")
if(VDM_SANITIZE)
  add_compile_options(-fsanitize=${VDM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VDM_SANITIZE})
  add_compile_definitions(BOOST_DISABLE_ASSERTS)
  # GCC 12 warns of uninitialised members in the checks that its sanitizer adds to coroutine frames.
  add_compile_options(-Wno-maybe-uninitialized)
  if(VDM_SANITIZE MATCHES "thread")
    # GCC warns that TSan cannot see fences; Asio has one on a path that our code does not use.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# libFuzzer needs coverage of the code under test, not only of the fuzz targets.
option(VDM_LIBFUZZER "Build for and link libFuzzer (needs Clang); see tests/fuzz" OFF)
if(VDM_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
