# bulkhead_flags: every compiler and linker flag of the project, in one place.
add_library(bulkhead_flags INTERFACE)
target_compile_options(bulkhead_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wformat=2 -Wimplicit-fallthrough
  -Werror=vla -Werror=switch -Werror=return-type)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # The macros of Cap'n Proto's library are such expressions; the document compiled into the command line is one long text.
  target_compile_options(bulkhead_flags INTERFACE -Wno-gnu-statement-expression -Wno-overlength-strings)
endif()
if(BULKHEAD_WERROR)
  target_compile_options(bulkhead_flags INTERFACE -Werror)
  # GCC 12 at -O2 takes the inactive members of a variant inside a promise for uninitialised ones; shown, but no error.
  if(BULKHEAD_HARDENING)
    target_compile_options(bulkhead_flags INTERFACE -Wno-error=maybe-uninitialized)
  endif()
endif()
target_compile_definitions(bulkhead_flags INTERFACE BULKHEAD_VERSION="${PROJECT_VERSION}")

if(BULKHEAD_HARDENING)
  target_compile_options(bulkhead_flags INTERFACE
    -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong
    -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=pattern)
  target_link_options(bulkhead_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
endif()
if(BULKHEAD_SANITIZERS)
  string(REPLACE ",fuzzer" "" compile_sanitizers "${BULKHEAD_SANITIZERS}")
  add_compile_options(-fsanitize=${compile_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${compile_sanitizers})
  if(BULKHEAD_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endif()

find_program(BULKHEAD_CCACHE ccache)
if(BULKHEAD_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${BULKHEAD_CCACHE})
endif()
find_program(BULKHEAD_MOLD mold)
if(BULKHEAD_MOLD AND NOT BULKHEAD_HARDENING)
  add_link_options(-fuse-ld=mold)
endif()
