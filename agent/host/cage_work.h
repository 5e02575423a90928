// cage_work: what CageFS has to be told after a change of its files, kept until it was told: a kill
// or a failure in between must not leave cages without what the next call finds in place.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent::cloudlinux {

inline constexpr const char* kCageWork = "/var/lib/bulkhead/agent/cloudlinux-cages";

class CageWork {
 public:
  static Result<CageWork> load(const Host& host);
  // Durably, before the change that asks for it.
  Result<Ok> updateFiles(Host& host) { return add(host, kUpdate); }
  Result<Ok> remount(Host& host) { return add(host, kRemount); }
  Result<Ok> setUpSelector(Host& host) { return add(host, kSelector); }
  // Runs what is to be run; what failed stays for the next call. Answers what a person has to do:
  // again and again, until told().
  Result<std::vector<std::string>> perform(Host& host);
  Result<Ok> told(Host& host) { return done(host, kRemount); }

 private:
  static constexpr const char* kUpdate = "--force-update";
  static constexpr const char* kSelector = "--setup-cl-selector";
  static constexpr const char* kRemount = "--remount-all";
  Result<Ok> add(Host& host, const std::string& option);
  Result<Ok> done(Host& host, const std::string& option);
  Result<Ok> save(Host& host) const;
  std::set<std::string> options_;
};

}  // namespace bulkhead::agent::cloudlinux
