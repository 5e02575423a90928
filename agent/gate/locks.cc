#include "agent/gate/locks.h"

#include <array>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kIdleLocksMax = 256;  // names of accounts are not kept for ever

struct ServiceEntry {
  Service service;
  std::string_view name;
};
constexpr std::array kServices = {
    ServiceEntry{Service::kPasswd, "passwd"},         ServiceEntry{Service::kSystemd, "systemd"},
    ServiceEntry{Service::kFirewall, "firewall"},     ServiceEntry{Service::kNginx, "nginx"},
    ServiceEntry{Service::kCloudLinux, "cloudlinux"},
};

}  // namespace

std::optional<Service> serviceFromName(std::string_view name) {
  for (const auto& entry : kServices)
    if (entry.name == name) return entry.service;
  return std::nullopt;
}

std::string_view serviceName(Service service) {
  for (const auto& entry : kServices)
    if (entry.service == service) return entry.name;
  return "";
}

kj::Promise<kj::Own<AsyncLock::Hold>> AsyncLock::take(Turn turn) {
  if (free_ > 0) {
    --free_;
    return kj::heap<Hold>(*this);
  }
  auto pair = kj::newPromiseAndFulfiller<kj::Own<Hold>>();
  (turn == Turn::kAhead ? ahead_ : inOrder_).push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

void AsyncLock::release() {
  if (!passOn(ahead_) && !passOn(inOrder_)) ++free_;
}

bool AsyncLock::passOn(Waiting& waiting) {
  while (!waiting.empty()) {
    auto next = kj::mv(waiting.front());
    waiting.pop_front();
    if (!next->isWaiting()) continue;  // gave up
    next->fulfill(kj::heap<Hold>(*this));
    return true;
  }
  return false;
}

kj::Promise<LockManager::Holds> LockManager::take(const std::string& account,
                                                  const std::vector<Service>& services,
                                                  Turn turn) {
  dropIdle();
  std::vector<std::string> names;  // reversed: the next one is at the end
  for (auto service = services.rbegin(); service != services.rend(); ++service)
    names.push_back("service " + std::string(serviceName(*service)));
  if (!account.empty()) names.push_back("account " + account);
  return takeNext(Holds(), std::move(names), turn);
}

kj::Promise<LockManager::Holds> LockManager::takeNext(Holds held,
                                                      std::vector<std::string> names,
                                                      Turn turn) {
  if (names.empty()) return kj::mv(held);
  const std::string name = names.back();
  names.pop_back();
  return lockFor(name).take(turn).then(
      [this, held = kj::mv(held), names = std::move(names), turn](auto hold) mutable {
        held.add(kj::mv(hold));
        return takeNext(kj::mv(held), std::move(names), turn);
      });
}

AsyncLock& LockManager::lockFor(const std::string& name) {
  return locks_.try_emplace(name, 1).first->second;
}

void LockManager::dropIdle() {
  if (locks_.size() < kIdleLocksMax) return;
  std::erase_if(locks_, [](const auto& entry) { return entry.second.idle(1); });
}

}  // namespace bulkhead::agent
