# -DVDM_SANITIZE=address,undefined or =thread. Sanitizer builds switch Boost's
# own assertions off: Beast 1.81 aborts on a legal body (see http-safety tests).
set(VDM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")
if(VDM_SANITIZE)
  add_compile_options(-fsanitize=${VDM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VDM_SANITIZE})
  add_compile_definitions(BOOST_DISABLE_ASSERTS)
  # GCC 12 sees uninitialised members in its own sanitizer checks around coroutine frames.
  add_compile_options(-Wno-maybe-uninitialized)
  if(VDM_SANITIZE MATCHES "thread")
    # GCC warns that fences are invisible to TSan; Asio has one on a path we do not take.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# Coverage for libFuzzer must reach the code under test, not the targets alone.
option(VDM_LIBFUZZER "Build for and link libFuzzer (needs Clang); see tests/fuzz" OFF)
if(VDM_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
