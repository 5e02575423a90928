// dbmap.write: tells MySQL Governor whose each database user is. The caller names accounts; the
// uids are the registry's. Off until the integration is configured.
#include <algorithm>
#include <map>

#include "agent/host/cloudlinux.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

constexpr const char* kDirectory = "/etc/container";
constexpr const char* kMap = "/etc/container/dbuser-map";
constexpr std::size_t kFieldMax = 63;  // Governor cuts longer ones, and then they match nobody
constexpr std::size_t kEntriesMax = 100000;  // ten for each of ten thousand accounts

struct WriteMap {
  static constexpr auto kMethod = "dbmapWrite";
  using Params = rpc::DbMap;
  using Reply = rpc::DbMapWritten;
  struct Plan {
    std::string content;
    std::uint32_t entries = 0;
  };

  // A name with a space would be read as two fields, and give the user to another account.
  static bool isDatabaseUser(std::string_view text) {
    return !text.empty() && text.size() <= kFieldMax &&
           std::all_of(text.begin(), text.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == '.' || c == '$';
           });
  }

  static Result<Plan> check(Params::Reader in, const Host& host) {
    if (!cloudlinux::isEnabled(host))
      return Error{Code::kUnsupported, "the CloudLinux integration is off", ""};
    if (in.getEntries().size() > kEntriesMax)
      return Error{Code::kLimitExceeded, "at most 100000 database users", "entries"};
    std::map<std::string, std::string> lines;
    std::map<std::string, uid_t> uids;
    for (const auto entry : in.getEntries()) {
      const auto user = view(entry.getDatabaseUser());
      if (!isDatabaseUser(user))
        return Error{Code::kInvalidArgument, "databaseUser: 1-63 letters, digits and _ - . $",
                     "databaseUser"};
      const std::string account(view(entry.getUsername()));
      if (!uids.contains(account)) {
        TRY_ASSIGN(const auto record, findAccount(host, account));
        uids[account] = record.identity.uid;
      }
      const auto text = std::string(user) + " " + account + " " + std::to_string(uids[account]);
      const auto [known, added] = lines.emplace(user, text);
      if (!added && known->second != text)
        return Error{Code::kConflict, "databaseUser: " + std::string(user) + " has two accounts",
                     "databaseUser"};
    }
    Plan plan;
    for (const auto& [user, text] : lines)
      plan.content += text + "\n";
    plan.entries = static_cast<std::uint32_t>(lines.size());
    return plan;
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    const auto present = host.readFile(kMap);
    if (present.ok() && *present == plan.content) return Ok{};  // Governor goes by the time stamp
    if (!present.ok() && present.error().code != Code::kNotFound) return present.error();
    if (!host.inspect(kDirectory).ok()) TRY(host.makeDirectory(kDirectory, {0755, 0, 0}));
    return host.writeFile(kMap, plan.content, {0644, 0, 0});
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    TRY_ASSIGN(const auto content, host.readFile(kMap));
    if (content != plan.content)
      return Error{Code::kInternal, std::string(kMap) + ": is not as it was written", ""};
    return Proof{{"dbuser-map", std::to_string(plan.entries) + " database users"}};
  }
  static Result<Ok> answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
    out.setEntries(plan.entries);
    return Ok{};
  }
};

}  // namespace

OpEntry dbmapWrite() { return entryFor<WriteMap>(); }

}  // namespace bulkhead::agent
