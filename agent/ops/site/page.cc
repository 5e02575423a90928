#include "agent/ops/site/page.h"

#include <chrono>

#include "common/types/document_root.h"

namespace bulkhead::agent {
namespace {

constexpr std::chrono::milliseconds kPageLimit{10000};  // a web server's cold start
constexpr std::chrono::milliseconds kPagePoll{50};
constexpr const char* kNobody = "nobody.invalid";  // RFC 2606: nobody ever has it
constexpr const char* kStartingMark = "data-bulkhead=\"starting\"";
constexpr const char* kSuspendedMark = "data-bulkhead=\"suspended\"";

// The web server of the account is root in its container, which is the account outside: the owner.
constexpr mode_t kDirectoryMode = 0750;
constexpr mode_t kFileMode = 0640;

// A domain name has letters, digits, dots and hyphens only, none of which means anything in HTML.
std::string firstPage(const DomainName& domain) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" +
         domain.text() + "</title>\n</head>\n<body>\n<h1>" + domain.text() +
         "</h1>\n<p>This site is ready. Replace this page with your own.</p>\n</body>\n</html>\n";
}

Result<HttpReply> ask(const Host& host, const DomainName& domain) {
  Probe question;
  question.hostHeader = domain.text();
  return host.probe(question);
}

bool has(const HttpReply& reply, std::string_view mark) {
  return reply.body.find(mark) != std::string::npos;
}

bool fits(const HttpReply& reply, SiteMode mode) {
  switch (mode) {
    case SiteMode::kServe:
      // Whatever the account's own web server says is its own affair, but it must be it that says.
      return !has(reply, kStartingMark) && !has(reply, kSuspendedMark) && reply.status != 502 &&
             reply.status != 504;
    case SiteMode::kSuspended:
      return reply.status == 503 && has(reply, kSuspendedMark);
  }
  return false;
}

std::string describe(const HttpReply& reply, const DomainName& domain) {
  return "GET http://" + domain.text() + "/ on this machine: " + std::to_string(reply.status) +
         ", " + std::to_string(reply.body.size()) + " bytes" +
         (has(reply, domain.text()) ? ", the page names the domain" : "") +
         (has(reply, kSuspendedMark) ? ", the notice of suspension" : "");
}

}  // namespace

Result<Ok> makeDocumentRoot(Host& host, const Identity& who, const DomainName& domain) {
  TRY(host.makeHomeDirectory(who, "sites", kDirectoryMode));
  TRY(host.makeHomeDirectory(who, "sites/" + domain.text(), kDirectoryMode));
  TRY(host.makeHomeDirectory(who, documentRoot(domain.text()), kDirectoryMode));
  return host.writeHomeFileIfAbsent(who, documentRoot(domain.text()) + "/index.html",
                                    firstPage(domain), kFileMode);
}

Result<Page> awaitPage(const Host& host, const DomainName& domain, SiteMode mode) {
  const auto deadline = host.now() + kPageLimit;
  std::string last = "no answer";
  for (auto polls = kPageLimit / kPagePoll; polls > 0 && host.now() < deadline; --polls) {
    const auto reply = ask(host, domain);
    if (reply.ok() && fits(reply.value(), mode))
      return Page{reply->status, describe(reply.value(), domain)};
    last = reply.ok() ? describe(reply.value(), domain) : "no answer";
    host.pause(kPagePoll);
  }
  return Error{Code::kUnavailable, "the site does not answer as it should: " + last, ""};
}

bool answersAsItShould(const Host& host, const DomainName& domain, SiteMode mode) {
  const auto reply = ask(host, domain);
  return reply.ok() && fits(reply.value(), mode);
}

Result<std::string> awaitNoPage(const Host& host, const DomainName& domain) {
  TRY_ASSIGN(const auto nobody, DomainName::parse(kNobody));
  const auto deadline = host.now() + kPageLimit;
  for (auto polls = kPageLimit / kPagePoll; polls > 0 && host.now() < deadline; --polls) {
    const auto reply = ask(host, domain);
    if (!reply.ok()) return "GET http://" + domain.text() + "/ on this machine: no answer";
    // An administrator's own default server answers every name.
    const auto unknown = ask(host, nobody);
    if (unknown.ok() && unknown->status == reply->status && unknown->body == reply->body)
      return "GET http://" + domain.text() + "/ on this machine: as any unknown name";
    host.pause(kPagePoll);
  }
  return Error{Code::kInternal, domain.text() + " is still answered", ""};
}

}  // namespace bulkhead::agent
