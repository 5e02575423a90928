# Compiles policy/cloudlinux/schemas/*.json into the command line; the contract tests read the same files.
file(GLOB cpapi_schemas CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/policy/cloudlinux/schemas/*.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${cpapi_schemas})
set(cpapi_schema_rows "")
foreach(schema IN LISTS cpapi_schemas)
  get_filename_component(name ${schema} NAME_WE)
  file(READ ${schema} text)
  string(APPEND cpapi_schema_rows "    {\"${name}\", R\"~schema~(${text})~schema~\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/gen/cli/cpapi_schemas.cc CONTENT [[// Generated from policy/cloudlinux/schemas.
#include "cli/cloudlinux/schemas.h"
namespace bulkhead::cli::cloudlinux {
std::span<const SchemaText> schemaTexts() {
  static constexpr SchemaText kTexts[] = {
@cpapi_schema_rows@  };
  return kTexts;
}
}  // namespace bulkhead::cli::cloudlinux
]] @ONLY)
target_sources(bulkhead_cli PRIVATE ${CMAKE_BINARY_DIR}/gen/cli/cpapi_schemas.cc)
