// account.check: each account of the registry against the machine. See agent/ops/host/findings.h
// for what a finding is.
#include "agent/host/engine.h"
#include "agent/ops/account/checks.h"
#include "agent/registry/records.h"

namespace bulkhead::agent {
namespace {

struct AccountCheck {
  static constexpr auto kMethod = "accountCheck";
  using Params = rpc::CheckPage;
  using Reply = rpc::Findings;
  struct Plan {
    CheckNames page;
  };
  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(auto page, checkPage(in, host, "accounts"));
    return Plan{std::move(page)};
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out);
};

// Whether it stands, so that the machine can be compared with it.
bool isWhole(const std::string& name, const AccountRecord& record, Findings& findings) {
  if (record.state == AccountState::kActive || record.state == AccountState::kSuspended)
    return true;
  const std::string next = record.state == AccountState::kRenaming
                               ? "the same bulkhead account rename completes it"
                           : record.state == AccountState::kDeleting
                               ? "bulkhead account delete " + name + " completes it"
                               : "create it again, or delete it";
  findings.add({FindingKind::ACCOUNT, name, FindingCode::UNFINISHED, "active or suspended",
                std::string(stateName(record.state)),
                next + " (unless a job does so now: bulkhead job list)"});
  return false;
}

std::vector<AccountRecord> recordsOf(const Host& host,
                                     const std::vector<std::string>& names,
                                     Findings& findings) {
  std::vector<AccountRecord> records;
  for (const auto& text : names) {
    const auto name = Username::parse(text);
    auto record = name.ok() ? Registry(host).find(*name) : Result<AccountRecord>(name.error());
    if (!record.ok() && record.error().code == Code::kNotFound) continue;  // deleted meanwhile
    findings.checked();
    if (!record.ok())
      findings.add({FindingKind::ACCOUNT, text, FindingCode::RECORD_UNREADABLE,
                    "a record that can be understood", record.error().message,
                    "restore it from a backup: until then the panel lists no account"});
    else if (isWhole(text, *record, findings))
      records.push_back(std::move(record).value());
  }
  return records;
}

Result<Ok> AccountCheck::answer(const Plan& plan, const Host& host, Reply::Builder out) {
  Findings findings;
  const auto records = recordsOf(host, plan.page.names, findings);
  const AccountLines lines(host, findings);
  std::vector<std::string> units;
  for (const auto& record : records) {
    units.push_back(systemd::sliceName(record.identity.uid));
    units.push_back(engine::unitName(record.identity.uid));
  }
  auto properties = systemd::sliceProperties();
  properties.insert(properties.end(), {"DropInPaths", "UnitFileState"});
  const auto states = systemd::showAll(host, units, properties);
  if (!states.ok()) findings.unreadable(FindingKind::HOST, "systemd", states.error());
  for (std::size_t i = 0; i < records.size(); ++i) {
    lines.check(records[i], findings);
    checkHome(host, records[i], findings);
    checkQuota(host, records[i], findings);
    if (!states.ok()) continue;
    checkSlice(host, records[i], states.value()[2 * i], findings);
    checkEngine(host, records[i], states.value()[2 * i + 1], findings);
  }
  if (plan.page.more) findings.next(plan.page.names.back());
  findings.fill(out);
  return Ok{};
}

}  // namespace

OpEntry accountCheck() { return entryFor<AccountCheck>(); }

}  // namespace bulkhead::agent
