# VDM_VERSION and VDM_COMMIT reach the code through one generated header.
# The commit comes from git, or from -DVDM_COMMIT=... where there is no .git (images).
set(VDM_COMMIT "" CACHE STRING "Commit to report; asked of git when empty")
set(vdm_commit "${VDM_COMMIT}")
if(NOT vdm_commit)
  execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE vdm_commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT vdm_commit)
  set(vdm_commit "unknown")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/version.h.in
  ${PROJECT_BINARY_DIR}/generated/common/base/version.h @ONLY)
