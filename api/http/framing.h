// RequestReader: cuts a byte stream into requests. Pure and incremental, linear in the bytes
// whatever their pieces; after the first refusal it never reads another request, so nothing in a
// refused body can become one.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/head.h"

namespace bulkhead::api {

struct FramedRequest {
  HttpRequest request;
  bool keepAlive = true;
};

class RequestReader {
 public:
  enum class State {
    kIdle,     // not one byte of a next request
    kHead,     // inside a head
    kBody,     // head complete, body not
    kRequest,  // take() gives a request
    kRefused,  // refusal() says why; final
  };

  explicit RequestReader(const Limits& limits) : limits_(limits) {}

  void append(std::string_view bytes);
  // Parses as far as the bytes go. Calling it again without new bytes changes nothing.
  State advance();
  // The complete request; only after advance() answered kRequest, and once.
  FramedRequest take();
  // Only after kRefused.
  const Refusal& refusal() const { return *refusal_; }
  // Bytes held and not yet given out; the caller stops reading above a limit of its own.
  std::size_t bufferedBytes() const { return buffer_.size() - start_; }

 private:
  State advanceHead();
  State refuse(const Refusal& refusal);

  Limits limits_;
  std::string buffer_;
  std::size_t start_ = 0;    // first byte not consumed
  std::size_t scanned_ = 0;  // bytes from start_ on in which no line end is left to find
  std::size_t lineStart_ = 0;
  std::size_t lines_ = 0;
  std::optional<RequestHead> head_;
  std::optional<Refusal> refusal_;
};

}  // namespace bulkhead::api
