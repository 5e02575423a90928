// Fuzz target of the request framing. The first byte chooses how the rest is cut into pieces; the
// pieces must not matter.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/http/framing.h"
#include "api/http/target.h"

namespace {

using bulkhead::api::RequestReader;

void require(bool condition) {
  if (!condition) std::abort();
}

// Everything that a handler would see, as one text.
std::string readAll(std::string_view bytes, std::size_t piece) {
  RequestReader reader({});
  std::string seen;
  while (!bytes.empty()) {
    reader.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (reader.advance() == RequestReader::State::kRequest) {
      const auto framed = reader.take();
      const auto& request = framed.request;
      require(bulkhead::api::pathSegments(request.path).ok());
      require(!request.header("transfer-encoding") && !request.header("expect"));
      require(request.body.size() <= bulkhead::api::kBodyBytesMax);
      for (const auto& [name, value] : request.headers) {
        require(bulkhead::api::isToken(name) && bulkhead::api::isFieldValue(value));
        seen += name + ": " + value + "\n";
      }
      seen +=
          std::string(methodName(request.method)) + " " + request.path + "\n" + request.body + "\n";
    }
  }
  if (reader.advance() == RequestReader::State::kRefused)
    seen += "refused " + std::to_string(reader.refusal().status);
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  require(readAll(bytes, size) == readAll(bytes, 1U + data[0] % 64U));
  return 0;
}
