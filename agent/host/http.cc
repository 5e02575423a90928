#include "agent/host/http.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "common/os/errors.h"

#include <curl/curl.h>

namespace bulkhead::agent {
namespace {

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using Headers = std::unique_ptr<curl_slist, FreeList>;

struct Sink {
  std::string body;
  bool full = false;
};

std::size_t receive(char* data, std::size_t size, std::size_t count, void* target) {
  auto& sink = *static_cast<Sink*>(target);
  const auto bytes = size * count;
  const auto room = kReplyBytesMax - sink.body.size();
  sink.body.append(data, std::min(bytes, room));
  if (bytes <= room) return bytes;
  sink.full = true;
  return 0;  // ends the transfer: an endless reply would hold us until the time limit
}

std::size_t send(char* buffer, std::size_t size, std::size_t count, void* source) {
  const int fd = *static_cast<const int*>(source);
  const auto got = os::retry([&] { return ::read(fd, buffer, size * count); });
  return got < 0 ? CURL_READFUNC_ABORT : static_cast<std::size_t>(got);
}

bool isPlain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool addHeader(Headers& headers, const std::string& line) {
  auto* longer = curl_slist_append(headers.get(), line.c_str());
  if (longer == nullptr) return false;
  (void)headers.release();
  headers.reset(longer);
  return true;
}

// Every option counts: one that libcurl does not take would leave a default that is open to the
// world.
class Options {
 public:
  explicit Options(CURL* handle) : handle_(handle) {}
  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_, option, value) != CURLE_OK) good_ = false;
  }
  bool good() const { return good_; }

 private:
  CURL* handle_;
  bool good_ = true;
};

bool setBody(Options& options, const HttpExchange& call) {
  if (call.bodyFd >= 0) {
    struct stat info = {};
    if (::fstat(call.bodyFd, &info) != 0) return false;
    options.set(CURLOPT_POST, 1L);
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(info.st_size));
    options.set(CURLOPT_READFUNCTION, &send);
    options.set(CURLOPT_READDATA, &call.bodyFd);
  } else if (call.method != "GET") {
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    options.set(CURLOPT_POSTFIELDS, call.body.c_str());
  }
  options.set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
  return true;
}

void setRoute(Options& options, const HttpExchange& call, const std::string& url) {
  options.set(CURLOPT_URL, url.c_str());
  if (!call.socketPath.empty()) options.set(CURLOPT_UNIX_SOCKET_PATH, call.socketPath.c_str());
  options.set(CURLOPT_PATH_AS_IS, 1L);
  options.set(CURLOPT_PROTOCOLS_STR, "http");
  options.set(CURLOPT_PROXY, "");
  options.set(CURLOPT_FOLLOWLOCATION, 0L);
  options.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  options.set(CURLOPT_NOSIGNAL, 1L);
  options.set(CURLOPT_FORBID_REUSE, 1L);
}

Error failure(CURLcode code) {
  if (code == CURLE_OPERATION_TIMEDOUT) return Error{Code::kTimeout, "no answer in time", ""};
  return Error{Code::kUnavailable, std::string("no answer: ") + curl_easy_strerror(code), ""};
}

}  // namespace

Result<HttpReply> exchange(const HttpExchange& call) {
  static std::once_flag once;
  std::call_once(once, [] {
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
  });  // a failure shows in curl_easy_init
  if (!call.path.starts_with('/') || !isPlain(call.path) || !isPlain(call.hostHeader) ||
      !isPlain(call.contentType))
    return Error{Code::kInternal, "an HTTP request that is not plain text", ""};
  const Easy handle(curl_easy_init());
  if (!handle) return Error{Code::kInternal, "libcurl does not start", ""};
  const auto url =
      "http://127.0.0.1:" + std::to_string(call.socketPath.empty() ? call.port : 80) + call.path;
  Headers headers;
  bool added = addHeader(headers, "Host: " + call.hostHeader) && addHeader(headers, "Expect:");
  added =
      added && addHeader(headers, call.contentType.empty() ? "Content-Type:"
                                                           : "Content-Type: " + call.contentType);
  Sink sink;
  Options options(handle.get());
  setRoute(options, call, url);
  options.set(CURLOPT_HTTPHEADER, headers.get());
  options.set(CURLOPT_TIMEOUT_MS, static_cast<long>(call.timeLimit.count()));
  options.set(CURLOPT_WRITEFUNCTION, &receive);
  options.set(CURLOPT_WRITEDATA, &sink);
  if (!added || !setBody(options, call) || !options.good())
    return Error{Code::kInternal, "libcurl refuses an option", ""};
  const auto done = curl_easy_perform(handle.get());
  if (sink.full && call.oversize == HttpExchange::Oversize::kRefuse)
    return Error{Code::kLimitExceeded, "the answer is larger than 4 MiB", ""};
  if (done != CURLE_OK && !sink.full) return failure(done);
  long status = 0;
  (void)curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE,
                          &status);  // ignoring: 0 is refused below
  if (status < 100 || status > 599)
    return Error{Code::kUnavailable, "no HTTP status in the answer", ""};
  return HttpReply{static_cast<int>(status), std::move(sink.body)};
}

}  // namespace bulkhead::agent
