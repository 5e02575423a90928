# agent/ops/ops.list is the only list of privileged operations: it picks the sources, the registry and the tests.
# A line "account/create" means agent/ops/account/create.cc, its function accountCreate() and its test
# tests/unit/agent/ops/account/create_test.cc. An operation without a test does not configure.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS agent/ops/ops.list)
file(STRINGS agent/ops/ops.list operations REGEX "^[a-z_]+/[a-z_]+$")
set(declarations "")
set(calls "")
foreach(operation IN LISTS operations)
  foreach(required agent/ops/${operation}.cc tests/unit/agent/ops/${operation}_test.cc)
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${required})
      message(FATAL_ERROR "operation ${operation} in agent/ops/ops.list has no ${required}")
    endif()
  endforeach()
  string(REGEX REPLACE "[/_]" ";" words ${operation})
  set(function "")
  foreach(word IN LISTS words)
    if(function STREQUAL "")
      set(function ${word})
    else()
      string(SUBSTRING ${word} 0 1 first)
      string(TOUPPER ${first} first)
      string(SUBSTRING ${word} 1 -1 rest)
      string(APPEND function ${first}${rest})
    endif()
  endforeach()
  string(APPEND declarations "OpEntry ${function}();\n")
  string(APPEND calls "      ${function}(),\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/gen/agent/ops/all_ops.h CONTENT [[// Generated from agent/ops/ops.list.
#pragma once
#include <vector>
#include "agent/ops/op.h"
namespace bulkhead::agent {
@declarations@inline std::vector<OpEntry> allOps() {
  return {
@calls@  };
}
}  // namespace bulkhead::agent
]] @ONLY)
