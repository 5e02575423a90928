// One entry of the document of `domains`. The server prints it, and the snapshots that stand in for
// it while it is down have one entry a line, so that the client can filter them without a parser.
#pragma once
#include <string_view>

#include "common/cpapi/text.h"

namespace bulkhead::cpapi {

inline constexpr std::string_view kDomainsBegin = "{\"data\":{";
inline constexpr std::string_view kDomainsEnd = "},\"metadata\":{\"result\":\"ok\"}}\n";

struct DomainEntry {
  std::string_view name;          // A-labels
  std::string_view owner;         // the UNIX user
  std::string_view documentRoot;  // absolute, no slash at its end
  bool isMain = false;
};

// Without the closing brace: the block about PHP may follow.
template <typename Out>
void putDomainOpen(Out& out, const DomainEntry& entry) {
  putString(out, entry.name);
  put(out, ":{\"owner\":");
  putString(out, entry.owner);
  put(out, ",\"document_root\":");
  putString(out, entry.documentRoot);
  put(out, entry.isMain ? ",\"is_main\":true" : ",\"is_main\":false");
}

// A snapshot is kDomainsBegin, a line feed, then these joined by ",\n", then a line feed when there
// was any, then kDomainsEnd.
template <typename Out>
void putSnapshotLine(Out& out, const DomainEntry& entry) {
  putDomainOpen(out, entry);
  put(out, "}");
}

}  // namespace bulkhead::cpapi
