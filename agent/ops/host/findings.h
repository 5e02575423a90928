// Findings: what the operations *.check answer. A check says what it wanted, what is there, and
// either which existing operation would mend that or why only a person can decide; it never changes
// anything itself.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/ops/op.h"
#include "agent/registry/registry.h"

namespace bulkhead::agent {

using FindingCode = rpc::Finding::Code;
using FindingKind = rpc::Finding::Kind;
// Fills in the operation with its parameters; an empty one means that nobody but a person decides.
using Repair = std::function<void(rpc::Repair::Builder)>;

struct Finding {
  FindingKind kind = FindingKind::HOST;
  std::string object;
  FindingCode code = FindingCode::UNREADABLE;
  std::string desired;
  std::string found;
  std::string advice;
  Repair repair = {};
  Repair revert = {};
};

inline constexpr std::size_t kFindingsMax = 800;        // of one answer: some 600 bytes each
inline constexpr std::size_t kFindingTextMax = 300;     // of each of its texts
inline constexpr std::size_t kCheckedObjectsMax = 200;  // of one page

class Findings {
 public:
  void add(Finding finding);
  // What could not be looked at is not taken for what it should be.
  void unreadable(FindingKind kind, const std::string& object, const Error& error);
  void checked(std::size_t objects = 1) { checked_ += objects; }
  void next(std::string after) { next_ = std::move(after); }
  void fill(rpc::Findings::Builder out) const;
  const std::vector<Finding>& all() const { return all_; }

 private:
  std::vector<Finding> all_;
  std::size_t checked_ = 0;
  std::size_t dropped_ = 0;
  std::string next_;
};

rpc::Finding::Severity severityOf(FindingCode code);

// ---- the page that was asked for

struct CheckPlan {
  std::string after;
  std::size_t limit = 0;
};
Result<CheckPlan> checkPlan(rpc::CheckPage::Reader in);
// At most `limit` names of a folder of the registry that follow `after`. `more`: there are others.
struct CheckNames {
  std::vector<std::string> names;
  bool more = false;
};
Result<CheckNames> registryNames(const Host& host, const char* folder, const CheckPlan& plan);
Result<CheckNames> checkPage(rpc::CheckPage::Reader in, const Host& host, const char* folder);

// ---- repairs

Repair createAgain(const AccountRecord& record);
Repair suspendAgain(const AccountRecord& record);
Repair setLimits(const AccountRecord& record);
Repair setQuota(const AccountRecord& record);
Repair ensureEngine(const AccountRecord& record);
Repair applyService(const AccountRecord& record, const KeptService& service);
Repair applySite(const SiteRecord& site, SiteMode mode);
SiteMode modeFor(const AccountRecord& account);  // the one that the account's own state allows
Repair openPort(const AccountRecord& record, const KeptPort& port);
Repair setUpFirewall();

// The lines of two texts that differ, in short.
std::string differenceOf(std::string_view wanted, std::string_view found);
std::string octal(mode_t mode);  // "0700"

}  // namespace bulkhead::agent
