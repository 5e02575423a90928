// Names and look-ups of the plain HTTP types.
#include "api/http/message.h"

#include <algorithm>
#include <array>

namespace bulkhead::api {
namespace {

struct MethodEntry {
  Method method;
  std::string_view name;
};
constexpr std::array kMethods{
    MethodEntry{Method::kGet, "GET"},         MethodEntry{Method::kHead, "HEAD"},
    MethodEntry{Method::kPost, "POST"},       MethodEntry{Method::kPut, "PUT"},
    MethodEntry{Method::kPatch, "PATCH"},     MethodEntry{Method::kDelete, "DELETE"},
    MethodEntry{Method::kOptions, "OPTIONS"},
};

struct StatusEntry {
  int status;
  std::string_view reason;
};
constexpr std::array kReasons{
    StatusEntry{200, "OK"},
    StatusEntry{201, "Created"},
    StatusEntry{202, "Accepted"},
    StatusEntry{204, "No Content"},
    StatusEntry{303, "See Other"},
    StatusEntry{304, "Not Modified"},
    StatusEntry{400, "Bad Request"},
    StatusEntry{401, "Unauthorized"},
    StatusEntry{403, "Forbidden"},
    StatusEntry{404, "Not Found"},
    StatusEntry{405, "Method Not Allowed"},
    StatusEntry{406, "Not Acceptable"},
    StatusEntry{408, "Request Timeout"},
    StatusEntry{409, "Conflict"},
    StatusEntry{410, "Gone"},
    StatusEntry{410, "Gone"},
    StatusEntry{412, "Precondition Failed"},
    StatusEntry{413, "Content Too Large"},
    StatusEntry{414, "URI Too Long"},
    StatusEntry{415, "Unsupported Media Type"},
    StatusEntry{417, "Expectation Failed"},
    StatusEntry{422, "Unprocessable Content"},
    StatusEntry{428, "Precondition Required"},
    StatusEntry{429, "Too Many Requests"},
    StatusEntry{431, "Request Header Fields Too Large"},
    StatusEntry{500, "Internal Server Error"},
    StatusEntry{501, "Not Implemented"},
    StatusEntry{503, "Service Unavailable"},
    StatusEntry{504, "Gateway Timeout"},
    StatusEntry{505, "HTTP Version Not Supported"},
    StatusEntry{507, "Insufficient Storage"},
};

void appendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    // A control byte here is our own mistake; it must still not break the JSON.
    out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  }
  out += '"';
}

}  // namespace

std::string_view methodName(Method method) {
  for (const auto& entry : kMethods) {
    if (entry.method == method) return entry.name;
  }
  return "";
}

std::optional<Method> methodFromName(std::string_view name) {
  for (const auto& entry : kMethods) {
    if (entry.name == name) return entry.method;
  }
  return std::nullopt;
}

const std::string* HttpRequest::header(std::string_view lowerName) const {
  for (const auto& [name, value] : headers) {
    if (name == lowerName) return &value;
  }
  return nullptr;
}

std::optional<std::string_view> HttpRequest::queryValue(std::string_view key) const {
  std::optional<std::string_view> found;
  for (const auto& [name, value] : query) {
    if (name != key) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

bool HttpRequest::hasDuplicateQueryKey() const {
  for (auto it = query.begin(); it != query.end(); ++it) {
    const auto same = [&it](const auto& other) { return other.first == it->first; };
    if (std::any_of(it + 1, query.end(), same)) return true;
  }
  return false;
}

std::string_view reasonPhrase(int status) {
  for (const auto& entry : kReasons) {
    if (entry.status == status) return entry.reason;
  }
  return "Unknown";
}

HttpResponse problemResponse(int status,
                             std::string_view code,
                             std::string_view detail,
                             std::string_view requestId) {
  HttpResponse response;
  response.status = status;
  response.contentType = "application/problem+json";
  std::string& out = response.body;
  out = R"({"type":"about:blank","title":)";
  appendQuoted(out, reasonPhrase(status));
  out += R"(,"status":)" + std::to_string(status) + R"(,"code":)";
  appendQuoted(out, code);
  out += R"(,"detail":)";
  appendQuoted(out, detail);
  out += R"(,"request_id":)";
  appendQuoted(out, requestId);
  out += '}';
  return response;
}

}  // namespace bulkhead::api
