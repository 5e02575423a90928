// `domains`: the one script that tells every user what is his.
#include <algorithm>

#include "api/cpapi/documents.h"
#include "common/cpapi/domain_line.h"
#include "common/cpapi/refusals.h"
#include "common/types/document_root.h"
#include "common/types/domain_name.h"

namespace bulkhead::api {
namespace {

const std::string kHomes = "/home/";  // where the agent makes them

using cpapi::Fault;
using cpapi::kNotYours;
using cpapi::Outcome;
using cpapi::put;
using cpapi::putString;
using cpapi::Query;

// "8.3" -> "83"
std::string shortVersion(const std::string& version) {
  std::string out;
  std::copy_if(version.begin(), version.end(), std::back_inserter(out),
               [](char c) { return c != '.'; });
  return out;
}

// The blocks about PHP, made once for all domains.
class PhpBlocks {
 public:
  explicit PhpBlocks(const PhpVersions& versions) {
    for (const AgentPhp& version : versions) {
      blocks_.emplace_back(version.identifier, blockOf(version));
      if (version.isNative || native_.empty()) native_ = blocks_.back().second;
    }
  }
  bool any() const { return !blocks_.empty(); }
  // Of a domain without a choice of its own, or with one that is gone: what the host runs.
  const std::string& of(std::string_view identifier) const {
    for (const auto& [name, block] : blocks_)
      if (name == identifier) return block;
    return native_;
  }

 private:
  static std::string blockOf(const AgentPhp& version) {
    std::string out = ",\"php\":{\"version\":";
    putString(out, shortVersion(version.version));
    put(out, ",\"ini_path\":");
    putString(out, version.scanDir);
    put(out, version.isNative ? ",\"is_native\":true" : ",\"is_native\":false");
    put(out, ",\"php_version_id\":");
    putString(out, version.identifier);
    put(out, "}");
    return out;
  }
  std::vector<std::pair<std::string, std::string>> blocks_;
  std::string native_;
};

// A name in any of its spellings; nothing when it is none.
std::optional<std::string> canonicalName(std::string_view text) {
  const auto name = DomainName::parseForSearch(text);
  if (!name.ok()) return std::nullopt;
  return name->text();
}

// The conditions of a caller's question; or the answer that it gets without looking further.
Result<std::optional<Fault>> narrow(const Directory& directory,
                                    const Query& query,
                                    const std::optional<std::uint32_t>& self,
                                    Directory::Filter& filter) {
  filter.uid = self;
  if (query.owner) {
    filter.username = std::string(*query.owner);
    Directory::Filter who;
    who.uid = self;
    who.username = filter.username;
    bool known = false;
    TRY(directory.accounts(who, [&known](const Directory::Account&) { known = true; }));
    if (known) return std::optional<Fault>();
    if (self) return std::optional(kNotYours);
    return std::optional(Fault{Outcome::kNotFound, "there is no such user", *query.owner});
  }
  if (query.name) {
    filter.name = canonicalName(*query.name);
    if (filter.name) return std::optional<Fault>();
    if (self) return std::optional(kNotYours);
    return std::optional(Fault{Outcome::kNotFound, "there is no such domain", *query.name});
  }
  return std::optional<Fault>();
}

}  // namespace

Documented domainsDocument(const Directory& directory,
                           const Query& query,
                           const std::optional<std::uint32_t>& self,
                           const PhpVersions* php) {
  Directory::Filter filter;
  const auto narrowed = narrow(directory, query, self, filter);
  if (!narrowed.ok()) return narrowed.error();
  if (*narrowed) return **narrowed;
  std::optional<PhpBlocks> blocks;
  if (php != nullptr) blocks.emplace(*php);
  std::string out(cpapi::kDomainsBegin);
  if (!self && !query.owner && !query.name) {
    const auto sizes = directory.sizes();
    if (!sizes.ok()) return sizes.error();
    out.reserve(sizes->domains * (kDomainBytes + (php != nullptr ? kPhpBytes : 0)));
  }
  bool any = false;
  const auto listed = directory.domains(filter, [&](const Directory::Domain& domain) {
    if (any) put(out, ",");
    any = true;
    const std::string root = documentRoot(kHomes + std::string(domain.username), domain.site);
    cpapi::putDomainOpen(out, {domain.name, domain.username, root, domain.main});
    if (blocks) put(out, blocks->of(domain.php));
    put(out, "}");
  });
  if (!listed.ok()) return listed.error();
  if (!any && query.name)
    return self ? kNotYours : Fault{Outcome::kNotFound, "there is no such domain", *query.name};
  // Without a PHP there is no block that would be true, and the document must have one.
  if (any && blocks && !blocks->any())
    return Fault{Outcome::kInternal, "no PHP is known on this host", {}};
  put(out, cpapi::kDomainsEnd);
  return out;
}

}  // namespace bulkhead::api
