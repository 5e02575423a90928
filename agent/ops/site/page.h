// What a visitor finds: the document root with its first page, and the answer over HTTP.
#pragma once
#include <string>

#include "agent/host/host.h"
#include "agent/registry/registry.h"
#include "common/core/result.h"
#include "common/types/domain_name.h"

namespace bulkhead::agent {

// As the account; a page that is there already stays.
Result<Ok> makeDocumentRoot(Host& host, const Identity& who, const DomainName& domain);

struct Page {
  int status = 0;
  std::string detail;  // for people: "GET http://example.test/ on this machine: 200, ..."
};
// Asks as a visitor would until the answer fits the mode: for some seconds after a reload the old
// workers may still take a connection. kUnavailable when it never does.
Result<Page> awaitPage(const Host& host, const DomainName& domain, SiteMode mode);
// Asks once. False for an answer that does not fit, and for none.
bool answersAsItShould(const Host& host, const DomainName& domain, SiteMode mode);
// Asks until the name is answered no more.
Result<std::string> awaitNoPage(const Host& host, const DomainName& domain);

}  // namespace bulkhead::agent
