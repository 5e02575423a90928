#include "tests/support/mock_agent.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace bulkhead::testing {
namespace {

namespace ask = api::ask;
using api::AgentReply;
using api::AgentRequest;
using api::CallContext;
using api::describe;
using api::operationName;

std::string usernameOf(const AgentRequest& request) {
  return std::visit(
      [](const auto& r) -> std::string {
        if constexpr (requires { r.username; }) return r.username;
        return "";
      },
      request);
}

bool changesNothing(const AgentRequest& request) {
  return std::holds_alternative<ask::HostInspect>(request) ||
         std::holds_alternative<ask::AccountGet>(request) ||
         std::holds_alternative<ask::AccountList>(request) ||
         std::holds_alternative<ask::QuotaGet>(request) ||
         std::holds_alternative<ask::EngineStatus>(request) ||
         std::holds_alternative<ask::ServiceList>(request) ||
         std::holds_alternative<ask::FirewallList>(request) ||
         std::holds_alternative<ask::HookList>(request) ||
         std::holds_alternative<ask::PhpList>(request) ||
         std::holds_alternative<ask::CloudlinuxStatus>(request) ||
         std::holds_alternative<ask::AuditAnchor>(request) ||
         std::holds_alternative<ask::LockdownStatus>(request) ||
         std::holds_alternative<ask::AuditList>(request);
}

}  // namespace

MockAgent::MockAgent(std::string directory) : directory_(std::move(directory)) {
  for (const auto& file : std::filesystem::directory_iterator(directory_))
    facts_.insert(file.path().filename());
}

void MockAgent::refuse(const std::string& call, Code code, const std::string& why, int times) {
  const std::lock_guard lock(mutex_);
  scripts_.push_back({Rule::kRefuse, call, {code, why, ""}, times});
}
void MockAgent::lose(const std::string& call, Lost when, int times, Code code) {
  const std::lock_guard lock(mutex_);
  scripts_.push_back({when == Lost::kBefore ? Rule::kLoseBefore : Rule::kLoseAfter,
                      call,
                      {code, "the agent went away before it answered", ""},
                      times});
}
void MockAgent::answerWithoutEvidence(const std::string& call) {
  const std::lock_guard lock(mutex_);
  scripts_.push_back({Rule::kNoEvidence, call, {Code::kInternal, "", ""}, kAlways});
}
void MockAgent::forgetScripts() {
  const std::lock_guard lock(mutex_);
  scripts_.clear();
}
void MockAgent::setReachable(bool reachable) {
  const std::lock_guard lock(mutex_);
  reachable_ = reachable;
}
std::vector<std::string> MockAgent::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}
std::vector<std::string> MockAgent::previews() const {
  const std::lock_guard lock(mutex_);
  return previews_;
}
std::set<std::string> MockAgent::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}
void MockAgent::remember(const std::string& fact) {
  const std::lock_guard lock(mutex_);
  add(fact);
}
CallContext MockAgent::lastContext() const {
  const std::lock_guard lock(mutex_);
  return lastContext_;
}
Result<Ok> MockAgent::reachable() {
  if (beforeReachable) beforeReachable();
  const std::lock_guard lock(mutex_);
  if (!reachable_) return Error{Code::kUnavailable, "the agent is not running", ""};
  return Ok{};
}

std::optional<MockAgent::Script> MockAgent::scripted(const std::string& call,
                                                     std::initializer_list<Rule> rules) {
  for (auto& script : scripts_) {
    if (script.times <= 0 || std::find(rules.begin(), rules.end(), script.rule) == rules.end())
      continue;
    if (call.compare(0, script.start.size(), script.start) != 0) continue;
    --script.times;
    return script;
  }
  return std::nullopt;
}

Result<AgentReply> MockAgent::call(const CallContext& context, const AgentRequest& request) {
  const std::string line = describe(request);
  if (beforeCall && !changesNothing(request)) beforeCall(line);
  std::unique_lock lock(mutex_);
  lastContext_ = context;
  if (!reachable_) return Error{Code::kUnavailable, "the agent is not running", ""};
  if (context.dryRun) {
    previews_.push_back(line + (context.assumeAccount ? " assumed" : ""));
  } else if (!changesNothing(request)) {
    calls_.push_back(line);
  }
  if (auto lost = scripted(line, {Rule::kLoseBefore})) return lost->error;
  AgentReply reply;
  if (auto refused = scripted(line, {Rule::kRefuse})) {
    reply.refusal = refused->error;
    return reply;
  }
  if (!context.assumeAccount)
    if (auto missing = missingAccount(request)) {
      reply.refusal = *missing;
      return reply;
    }
  if (context.dryRun) {
    reply.preview = {{std::string(operationName(request)), "run", line, ""}};
    return reply;
  }
  reply = perform(request, line);
  if (scripted(line, {Rule::kNoEvidence})) reply.evidence.clear();
  if (auto lost = scripted(line, {Rule::kLoseAfter})) return lost->error;
  lock.unlock();
  if (afterCall && !changesNothing(request)) afterCall(line);
  return reply;
}

// What the real agent refuses for an account that is not in its registry.
std::optional<Error> MockAgent::missingAccount(const AgentRequest& request) const {
  const std::string username = usernameOf(request);
  if (username.empty() || has("account " + username) ||
      std::holds_alternative<ask::AccountCreate>(request) ||
      std::holds_alternative<ask::AccountDelete>(request))
    return std::nullopt;
  if (const auto* hook = std::get_if<ask::HookRun>(&request);
      hook != nullptr && hook->event == ask::HookEvent::kUserRemoved)
    return std::nullopt;
  return Error{Code::kNotFound, "there is no such account", "username"};
}

AgentReply MockAgent::perform(const AgentRequest& request, const std::string& call) {
  const std::string name = usernameOf(request);
  AgentReply reply;
  reply.evidence = {{"mock host", call}};
  reply.externalMicros = 1000;
  if (std::holds_alternative<ask::AccountCreate>(request) ||
      std::holds_alternative<ask::AccountGet>(request)) {
    api::AgentAccount account;
    account.username = name;
    account.uid = nextUid_++;
    account.state = api::AgentAccountState::kActive;
    reply.value = account;
    add("account " + name);
  } else if (std::holds_alternative<ask::AccountDelete>(request)) {
    for (const char* what : {"account ", "engine ", "service ", "suspended ", "quota ", "port "})
      drop(what + name);
    for (const std::string& fact :
         std::set<std::string>(facts_))  // sites end with their account's name
      if (fact.starts_with("site ") && fact.ends_with(" " + name)) drop(fact);
  } else if (std::holds_alternative<ask::AccountSuspend>(request)) {
    add("suspended " + name);
    drop("engine " + name);
    drop("service " + name);
  } else if (std::holds_alternative<ask::AccountUnsuspend>(request)) {
    drop("suspended " + name);
  } else if (std::holds_alternative<ask::QuotaSet>(request)) {
    add("quota " + name);
  } else if (std::holds_alternative<ask::EngineEnsure>(request)) {
    add("engine " + name);
  } else if (std::holds_alternative<ask::EngineRemove>(request)) {
    drop("engine " + name);
    drop("service " + name);
  } else if (std::holds_alternative<ask::ServiceApply>(request)) {
    add("service " + name);
  } else if (std::holds_alternative<ask::ServiceRemove>(request)) {
    drop("service " + name);
  } else if (const auto* site = std::get_if<ask::SiteApply>(&request)) {
    drop("site " + site->domain + " ");
    add("site " + site->domain + (site->mode == ask::SiteMode::kServe ? " serve " : " suspended ") +
        name);
  } else if (const auto* removed = std::get_if<ask::SiteRemove>(&request)) {
    drop("site " + removed->domain + " ");
  } else if (std::holds_alternative<ask::FirewallOpen>(request)) {
    add("port " + name);
  } else if (std::holds_alternative<ask::FirewallClose>(request)) {
    drop("port " + name);
  } else if (const auto* renamed = std::get_if<ask::AccountRename>(&request)) {
    for (const std::string& fact : std::set<std::string>(facts_)) {
      if (!fact.ends_with(" " + renamed->username)) continue;
      add(fact.substr(0, fact.size() - renamed->username.size()) + renamed->newName);
      drop(fact);
    }
  } else if (const auto* moved = std::get_if<ask::SiteRename>(&request)) {
    drop("site " + moved->domain + " ");
    add("site " + moved->newDomain + " serve " + name);
  } else if (std::holds_alternative<ask::PhpList>(request)) {
    reply.value = phps;
  } else if (std::holds_alternative<ask::HookList>(request)) {
    reply.value = hooks;
  } else if (const auto* hook = std::get_if<ask::HookRun>(&request)) {
    reply.value = hookAnswer ? hookAnswer(*hook) : api::AgentHook{};
  } else if (std::holds_alternative<ask::AuditAnchor>(request)) {
    reply.value = api::AgentAnchor{anchor};
  } else if (std::holds_alternative<ask::LockdownOn>(request)) {
    if (!lockdown.on) lockdown = {true, kLockedSince};
    reply.value = lockdown;
  } else if (std::holds_alternative<ask::LockdownStatus>(request)) {
    reply.value = lockdown;
  } else if (std::holds_alternative<ask::AuditList>(request)) {
    reply.value =
        api::AgentAudit{{R"({"seq":9,"kind":"intent"})", R"({"seq":7,"kind":"outcome"})"}, true};
  }
  return reply;
}

bool MockAgent::has(const std::string& fact) const { return facts_.count(fact) != 0; }

void MockAgent::add(const std::string& fact) {
  facts_.insert(fact);
  if (!directory_.empty()) std::ofstream(directory_ + "/" + fact).put('\n');
}

// Every fact that starts so, as whole words.
void MockAgent::drop(const std::string& start) {
  for (auto fact = facts_.begin(); fact != facts_.end();) {
    if (!(fact->starts_with(start) && (fact->size() == start.size() || start.back() == ' '))) {
      ++fact;
      continue;
    }
    if (!directory_.empty()) std::filesystem::remove(directory_ + "/" + *fact);
    fact = facts_.erase(fact);
  }
}

}  // namespace bulkhead::testing
