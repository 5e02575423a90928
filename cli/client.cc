#include "cli/client.h"

#include <sodium.h>

#include <array>
#include <memory>

#include "cli/interrupt.h"
#include "common/types/idempotency_key.h"

#include <curl/curl.h>

namespace bulkhead::cli {
namespace {

constexpr std::size_t kResponseBytesMax =
    64U << 20U;  // a listing page is far below; a runaway server is cut
constexpr long kConnectSeconds = 5;
constexpr long kSilenceSeconds = 45;   // the panel says something every 15
constexpr std::size_t kKeyBytes = 16;  // 128 bits: never the same twice

std::size_t onBody(char* data, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<std::string*>(user);
  if (body.size() + size * count > kResponseBytesMax) return 0;
  body.append(data, size * count);
  return size * count;
}

// What a stream gives on, and what it keeps because it is a refusal.
struct Sink {
  CURL* handle;
  std::string& body;
  const std::function<bool(std::string_view)>& take;
  bool left = false;
};
std::size_t onPiece(char* data, std::size_t size, std::size_t count, void* user) {
  auto& sink = *static_cast<Sink*>(user);
  long status = 0;
  curl_easy_getinfo(sink.handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return onBody(data, size, count, &sink.body);
  if (sink.take({data, size * count})) return size * count;
  sink.left = true;
  return 0;  // ends the transfer
}

std::size_t onHeader(char* data, std::size_t size, std::size_t count, void* user) {
  auto& headers = *static_cast<std::map<std::string, std::string>*>(user);
  std::string line(data, size * count);
  const auto colon = line.find(':');
  if (colon == std::string::npos) return size * count;
  std::string name = line.substr(0, colon);
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const auto begin = line.find_first_not_of(" \t", colon + 1);
  const auto end = line.find_last_not_of(" \t\r\n");
  headers[name] =
      begin == std::string::npos || end < begin ? "" : line.substr(begin, end - begin + 1);
  return size * count;
}

struct HeaderList {
  curl_slist* list = nullptr;
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

// Ends a transfer after Ctrl-C; asked about once a second, and whenever data come.
int onProgress(void* /*user*/,
               curl_off_t /*size*/,
               curl_off_t /*got*/,
               curl_off_t /*sizeUp*/,
               curl_off_t /*sent*/) {
  return interrupted() ? 1 : 0;
}

// Error::field names the option at fault: it decides what is advised.
Error failure(CURLcode code, const Endpoint& endpoint) {
  const bool local = endpoint.host.empty();
  const std::string where = local ? endpoint.socketPath : endpoint.host;
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return Error{Code::kCancelled, "interrupted", ""};
    case CURLE_OPERATION_TIMEDOUT:
      return Error{Code::kTimeout, "the panel at " + where + " did not answer in time", ""};
    case CURLE_PEER_FAILED_VERIFICATION:
      return Error{Code::kUnavailable, "the certificate of " + where + " cannot be verified",
                   "ca-file"};
    case CURLE_SSL_CACERT_BADFILE:
      return Error{Code::kInvalidArgument,
                   endpoint.authorityFile + " holds no certificates that can be read", "ca-file"};
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return Error{Code::kUnavailable,
                   "the connection to the panel at " + where + " was lost before it answered",
                   kLostField};
    default:
      break;
  }
  return Error{Code::kUnavailable,
               "the panel at " + where + " does not answer: " + curl_easy_strerror(code),
               local ? "socket" : "host"};
}

}  // namespace

std::string percentEncode(const std::string& text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

std::string newIdempotencyKey() {
  if (sodium_init() < 0) return "";  // the panel then knows no repetition, and that is all
  std::array<unsigned char, kKeyBytes> random{};
  randombytes_buf(random.data(), random.size());
  std::array<char, kKeyBytes * 2 + 1> text{};
  sodium_bin2hex(text.data(), text.size(), random.data(), random.size());
  return text.data();
}

Result<Ok> checkIdempotencyKey(const std::string& key) {
  if (key.empty() || isIdempotencyKey(key)) return Ok{};
  return Error{Code::kInvalidArgument,
               "--idempotency-key: 1 to 255 printable ASCII characters are expected",
               "idempotency_key"};
}

Client::Client(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

Result<Response> Client::send(const Request& request) const { return exchange(request, nullptr); }

Result<Response> Client::stream(const Request& request, const Take& take) const {
  return exchange(request, &take);
}

Result<Response> Client::exchange(const Request& request, const Take* take) const {
  std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return Error{Code::kInternal, "the HTTP client cannot start", ""};
  Response response;
  HeaderList headers;
  headers.add("Accept: " + request.accept);
  if (!request.lastEventId.empty()) headers.add("Last-Event-ID: " + request.lastEventId);
  if (!request.body.empty()) headers.add("Content-Type: application/json");
  if (!endpoint_.token.empty()) headers.add("Authorization: Bearer " + endpoint_.token);
  if (!request.ifMatch.empty()) headers.add("If-Match: \"r" + request.ifMatch + "\"");
  if (request.method != "GET") {
    const std::string key =
        request.idempotencyKey.empty() ? newIdempotencyKey() : request.idempotencyKey;
    if (!key.empty()) headers.add("Idempotency-Key: " + key);
  }
  const bool local = endpoint_.host.empty();
  const std::string url = (local ? "http://localhost" : "https://" + endpoint_.host) + request.path;
  CURL* handle = curl.get();
  if (local) curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, endpoint_.socketPath.c_str());
  if (!endpoint_.authorityFile.empty())
    curl_easy_setopt(handle, CURLOPT_CAINFO, endpoint_.authorityFile.c_str());
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, local ? "http" : "https");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, onProgress);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, request.timeLimitSeconds);
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.list);
  if (!request.body.empty()) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
  } else if (request.method == "POST") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, 0L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, "");
  }
  static const Take kNobody = [](std::string_view) { return false; };
  Sink sink{handle, response.body, take == nullptr ? kNobody : *take};
  if (take == nullptr) {
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, onBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &response.body);
  } else {
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, onPiece);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &sink);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
  }
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, onHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &response.headers);
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK && !sink.left) return failure(code, endpoint_);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  return response;
}

std::string nextAfterFailure(const Error& error, const Endpoint& endpoint) {
  if (error.code == Code::kCancelled) return "";
  if (endpoint.host.empty()) {
    return endpoint.socketPath == kDefaultSocket ? "look at: systemctl status bulkhead-api"
                                                 : "look whether a panel listens on that --socket";
  }
  if (error.field == "ca-file")
    return "give --ca-file the authority of that panel: its /etc/bulkhead/tls/gateway.crt, unless "
           "you replaced it";
  return "look at the name and the port in --host NAME:PORT, and whether its firewall lets you in";
}

}  // namespace bulkhead::cli
