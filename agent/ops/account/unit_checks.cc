// An account's slice, engine and services.
#include <optional>

#include "agent/host/container.h"
#include "agent/host/engine.h"
#include "agent/ops/account/checks.h"
#include "agent/ops/service/spec.h"

namespace bulkhead::agent {
namespace {

std::string valueOf(const systemd::Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second;
}

// "" when the container is as service.apply would leave it.
std::string differenceOf(const container::Found& found, const container::Spec& spec) {
  if (!container::isPanels(found, spec.service.name)) return "a container that is not the panel's";
  if (found.imageId != spec.imageId) return "another image: " + found.image;
  if (found.network != networkName(spec.service.network)) return "network " + found.network;
  if (found.publishPort != spec.publishPort)
    return "published port " + std::to_string(found.publishPort);
  if (found.state != "running") return "it is " + found.state;
  return "";
}

void checkService(const Host& host,
                  const Catalogue& catalogue,
                  const AccountRecord& record,
                  const KeptService& service,
                  Findings& findings) {
  const auto& name = record.identity.username;
  Finding finding{
      FindingKind::ACCOUNT,
      name,
      FindingCode::SERVICE_DIFFERS,
      service.name + " runs" +
          (service.publishPort == 0 ? ""
                                    : ", published as port " + std::to_string(service.publishPort)),
      "",
      "bulkhead doctor --fix makes it anew; its data stays"};
  const auto spec = specFor(host, catalogue, record, service);
  if (!spec.ok()) {
    finding.found = spec.error().message;
    finding.advice = "change the service or the account's plan";
    return findings.add(std::move(finding));
  }
  const auto found = container::inspect(host, record.identity, service.name);
  if (!found.ok() && found.error().code != Code::kNotFound)
    return findings.unreadable(FindingKind::ACCOUNT, name, found.error());
  if (!found.ok()) {
    finding.code = FindingCode::SERVICE_MISSING;
    finding.found = "no such container";
  } else {
    finding.found = differenceOf(*found, *spec);
    if (finding.found.empty()) return;
  }
  // One that the panel did not make is the tenant's, and service.apply leaves it alone too.
  if (!found.ok() || container::isPanels(*found, service.name))
    finding.repair = applyService(record, service);
  else
    finding.advice = "the account has a container of that name of its own: it has to go first";
  findings.add(std::move(finding));
}

void checkServices(const Host& host, const AccountRecord& record, Findings& findings) {
  if (record.services.empty()) return;
  const auto catalogue = Catalogue::load(host);
  if (!catalogue.ok())
    return findings.unreadable(FindingKind::ACCOUNT, record.identity.username, catalogue.error());
  for (const auto& service : record.services)
    checkService(host, *catalogue, record, service, findings);
}

void checkSuspended(const Host& host,
                    const AccountRecord& record,
                    const std::string& state,
                    bool enabled,
                    Findings& findings) {
  const auto& who = record.identity;
  if (state != "inactive" && state != "failed" && !state.empty())
    findings.add({FindingKind::ACCOUNT, who.username, FindingCode::ENGINE_RUNS,
                  "suspended: its engine does not run", engine::unitName(who.uid) + " is " + state,
                  "bulkhead doctor --fix stops it", suspendAgain(record)});
  else if (enabled)
    findings.add({FindingKind::ACCOUNT, who.username, FindingCode::ENGINE_RUNS,
                  "suspended: its engine does not start at boot",
                  engine::unitName(who.uid) + " is enabled", "bulkhead doctor --fix disables it",
                  suspendAgain(record)});
  const auto left = host.processesOf(who);
  if (!left.ok()) return findings.unreadable(FindingKind::ACCOUNT, who.username, left.error());
  if (left->empty()) return;
  findings.add({FindingKind::ACCOUNT, who.username, FindingCode::PROCESSES,
                "suspended: no process of it runs",
                std::to_string(left->size()) + ", first " + std::to_string(left->front().pid) +
                    " " + left->front().name,
                "bulkhead doctor --fix ends them", suspendAgain(record)});
}

// "" when root's Docker context of the account is as it was made; nothing when there is none.
Result<std::optional<std::string>> contextOf(const Host& host, const Identity& who) {
  const auto path = engine::contextDirectory(who.username) + "/meta.json";
  auto text = host.readFile(path);
  if (!text.ok() && text.error().code == Code::kNotFound) return std::optional<std::string>{};
  if (!text.ok()) return text.error();
  if (text.value() == engine::contextText(who.username, who.uid))
    return std::optional(std::string());
  return std::optional(path + " was changed");
}

}  // namespace

void checkSlice(const Host& host,
                const AccountRecord& record,
                const systemd::Properties& slice,
                Findings& findings) {
  const auto& who = record.identity;
  const auto text = systemd::sliceText(who, record.limits);
  const auto file = host.readFile(systemd::slicePath(who.uid));
  Finding finding{FindingKind::ACCOUNT,
                  who.username,
                  FindingCode::SLICE_LIMITS,
                  "limits of the registry in " + systemd::sliceName(who.uid),
                  "",
                  "bulkhead doctor --fix sets them again",
                  setLimits(record)};
  if (!file.ok() && file.error().code != Code::kNotFound)
    return findings.unreadable(FindingKind::ACCOUNT, who.username, file.error());
  if (!file.ok() || file.value() != text) {
    finding.found = file.ok() ? differenceOf(text, file.value()) : "it has no file";
    return findings.add(std::move(finding));
  }
  const auto proof = systemd::proveSlice(host, who, record.limits, slice);
  if (proof.ok()) return;
  finding.found = proof.error().message;
  const auto dropIns = valueOf(slice, "DropInPaths");
  if (!dropIns.empty()) {
    finding.code = FindingCode::SLICE_OVERRIDDEN;
    finding.found += "; " + dropIns;
    finding.advice = "a person has set other limits beside the panel: systemctl revert " +
                     systemd::sliceName(who.uid) + " takes them back";
    finding.repair = {};
  }
  findings.add(std::move(finding));
}

void checkEngine(const Host& host,
                 const AccountRecord& record,
                 const systemd::Properties& unit,
                 Findings& findings) {
  const auto& who = record.identity;
  const auto state = valueOf(unit, "ActiveState");
  const auto enabled = valueOf(unit, "UnitFileState").starts_with("enabled");
  if (record.state == AccountState::kSuspended)
    return checkSuspended(host, record, state, enabled, findings);
  const auto context = contextOf(host, who);
  if (!context.ok())
    return findings.unreadable(FindingKind::ACCOUNT, who.username, context.error());
  // Without either, nobody has asked for an engine yet.
  if (!context.value() && record.services.empty()) return;
  const bool runs = state == "active";
  // Between two tries systemd says so: what comes of them is seen at the next look.
  const bool comes = state == "activating" || state == "reloading";
  if (!comes && (!runs || !enabled)) {
    findings.add({FindingKind::ACCOUNT, who.username, FindingCode::ENGINE_STOPPED,
                  "its engine runs, also after a boot",
                  engine::unitName(who.uid) + " is " + state + (enabled ? "" : ", not enabled"),
                  "bulkhead doctor --fix starts it", ensureEngine(record)});
  } else if (!context.value() || !(*context.value()).empty()) {
    findings.add({FindingKind::ACCOUNT, who.username, FindingCode::ENGINE_CONTEXT,
                  "Docker context " + engine::contextName(who.username),
                  context.value() ? *context.value() : "there is none",
                  "bulkhead doctor --fix writes it again", ensureEngine(record)});
  }
  if (runs) checkServices(host, record, findings);
}

}  // namespace bulkhead::agent
