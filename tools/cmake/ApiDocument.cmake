# Compiles docs/openapi.json into the command line, as a string. Pieces, because a compiler need not take longer literals.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS docs/openapi.json)
file(READ ${CMAKE_SOURCE_DIR}/docs/openapi.json api_document)
string(LENGTH "${api_document}" api_document_length)
set(api_document_pieces "")
set(position 0)
while(position LESS api_document_length)
  string(SUBSTRING "${api_document}" ${position} 8000 piece)
  string(APPEND api_document_pieces "R\"~openapi~(${piece})~openapi~\"\n")
  math(EXPR position "${position} + 8000")
endwhile()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/gen/cli/built_in_document.cc CONTENT [[// Generated from docs/openapi.json.
#include "cli/document.h"
namespace bulkhead::cli {
std::string_view builtInDocument() {
  static constexpr std::string_view kDocument =
@api_document_pieces@;
  return kDocument;
}
}  // namespace bulkhead::cli
]] @ONLY)
target_sources(bulkhead_cli PRIVATE ${CMAKE_BINARY_DIR}/gen/cli/built_in_document.cc)
