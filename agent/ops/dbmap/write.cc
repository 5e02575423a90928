// dbmap.write: tells MySQL Governor which database users are the account's: these, and no others.
// The uid is the registry's. Off until the integration is configured.
#include "agent/host/cloudlinux.h"
#include "agent/host/dbuser_map.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

struct WriteMap {
  static constexpr auto kMethod = "dbmapWrite";
  using Params = rpc::DbMap;
  using Reply = rpc::Nothing;
  struct Plan {
    Identity who;
    std::vector<DatabaseUserName> users;
  };

  static Result<Plan> check(Params::Reader in, const Host& host) {
    if (!cloudlinux::isEnabled(host))
      return Error{Code::kUnsupported, "the CloudLinux integration is off", ""};
    TRY_ASSIGN(const auto record, findStandingAccount(host, view(in.getUsername())));
    Plan plan;
    plan.who = record.identity;
    if (in.getDatabaseUsers().size() > DatabaseUserName::kPerAccountMax)
      return Error{Code::kLimitExceeded,
                   "at most " + std::to_string(DatabaseUserName::kPerAccountMax) +
                       " database users of one account",
                   "databaseUsers"};
    for (const auto text : in.getDatabaseUsers()) {
      auto user = DatabaseUserName::parse(view(text));
      if (!user.ok()) return Error{user.error().code, user.error().message, "databaseUsers"};
      plan.users.push_back(std::move(user).value());
    }
    TRY(dbuser_map::check(host, plan.who, plan.users));
    return plan;
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    return dbuser_map::put(host, plan.who, plan.users);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return dbuser_map::prove(host, plan.who, plan.users);
  }
  static Result<Ok> answer(const Plan&, const Host&, Reply::Builder) { return Ok{}; }
};

}  // namespace

OpEntry dbmapWrite() { return entryFor<WriteMap>(); }

}  // namespace bulkhead::agent
