// Making answers.
#include "api/http/reply.h"

#include "api/http/model_json.h"
#include "api/http/request_check.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

std::string percentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
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

HttpResponse resourceReply(int status, const Json& value) {
  HttpResponse response;
  response.status = status;
  response.body = printJson(value);
  return response;
}

std::string etagOf(std::uint64_t revision) { return "\"r" + std::to_string(revision) + "\""; }

HttpResponse resourceReply(const Json& value, std::uint64_t revision) {
  HttpResponse response = resourceReply(200, value);
  response.headers.emplace_back("ETag", etagOf(revision));
  return response;
}

Expected expectedOf(const HttpRequest& request, std::uint64_t revision) {
  const std::string* header = request.header("if-match");
  if (header == nullptr || *header == "*") return std::nullopt;
  return revision;
}

HttpResponse createdReply(const Json& value, const std::string& location) {
  HttpResponse response = resourceReply(201, value);
  response.headers.emplace_back("Location", location);
  return response;
}

Patch<std::string> patchOf(const Json& body, const char* field) {
  const auto found = body.find(field);
  if (found == body.end()) return std::nullopt;
  if (found->is_null()) return std::optional<std::string>();
  return std::optional<std::string>(found->get<std::string>());
}

std::optional<std::string> optionalOf(const Json& body, const char* field) {
  return patchOf(body, field).value_or(std::nullopt);
}

HttpResponse emptyReply() {
  HttpResponse response;
  response.status = 204;
  return response;
}

HttpResponse listReply(const Call& call, Json items, const std::string& nextCursor) {
  Json page = Json::object();
  page["next_cursor"] = nextCursor.empty() ? Json() : Json(nextCursor);
  page["has_more"] = !nextCursor.empty();
  Json body = Json::object();
  body["data"] = std::move(items);
  body["page"] = std::move(page);
  HttpResponse response = resourceReply(200, body);
  if (nextCursor.empty()) return response;
  std::string query;
  for (const auto& [name, value] : call.http.query)
    if (name != "cursor") query += percentEncode(name) + "=" + percentEncode(value) + "&";
  response.headers.emplace_back("Link", "<" + call.http.path + "?" + query + "cursor=" +
                                            percentEncode(nextCursor) + ">; rel=\"next\"");
  return response;
}

std::optional<Problem> ifMatchProblem(const HttpRequest& request, std::uint64_t revision) {
  const std::string* header = request.header("if-match");
  if (header == nullptr || *header == "*" || *header == etagOf(revision)) return std::nullopt;
  Problem problem =
      problemOf(HttpFault::kPreconditionFailed, "it has changed since; read it again");
  problem.headers.emplace_back("ETag", etagOf(revision));
  return problem;
}

namespace {

HttpResponse acceptedReply(const Job& job) {
  HttpResponse response = resourceReply(202, toJson(job));
  response.headers.emplace_back("Location", "/api/v1/jobs/" + job.id);
  return response;
}

Answered endedReply(const Job& job, const std::string& createdPath) {
  if (job.state != JobState::kSucceeded) {
    Problem problem = problemOf(job.problem.value_or(Error{Code::kInternal, "", ""}));
    problem.jobId = job.id;
    return problem;
  }
  HttpResponse response = createdPath.empty() ? resourceReply(200, toJson(job))
                                              : createdReply(toJson(job), createdPath);
  return response;
}

}  // namespace

Answered jobReply(const Call& call,
                  Panel& panel,
                  Result<JobOrPreview> started,
                  const std::string& createdPath) {
  if (!started.ok()) return problemOf(started.error());
  if (const auto* changes = std::get_if<std::vector<PlannedChange>>(&*started))
    return resourceReply(200, toJson(*changes));
  const Job& job = std::get<Job>(*started);
  if (call.wait.count() == 0) return acceptedReply(job);
  auto waited = panel.waitForJob(job.id, call.wait);
  // The job exists whatever became of the waiting; its address is the answer then.
  if (!waited.ok() || !waited->ended()) return acceptedReply(waited.ok() ? *waited : job);
  Answered answered = endedReply(*waited, createdPath);
  if (auto* response = std::get_if<HttpResponse>(&answered))
    response->headers.emplace_back("Preference-Applied",
                                   "wait=" + std::to_string(call.wait.count()));
  return answered;
}

template <typename T>
Answered pageReply(const Call& call, const Result<Page<T>>& page) {
  if (!page.ok()) return problemOf(page.error());
  Json items = Json::array();
  for (const auto& item : page->items)
    items.push_back(toJson(item));
  return listReply(call, std::move(items), page->nextCursor);
}
template Answered pageReply(const Call&, const Result<Page<Reseller>>&);
template Answered pageReply(const Call&, const Result<Page<Administrator>>&);
template Answered pageReply(const Call&, const Result<Page<DatabaseUser>>&);
template Answered pageReply(const Call&, const Result<Page<Plan>>&);
template Answered pageReply(const Call&, const Result<Page<Account>>&);
template Answered pageReply(const Call&, const Result<Page<Domain>>&);
template Answered pageReply(const Call&, const Result<Page<Job>>&);

}  // namespace bulkhead::api
