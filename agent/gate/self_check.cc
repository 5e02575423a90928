#include "agent/gate/self_check.h"

#include <unistd.h>

#include <array>

#include "common/log/log.h"

namespace bulkhead::agent {
namespace {

constexpr std::array kParts = {"hostCheck", "accountCheck", "siteCheck", "firewallCheck"};
constexpr std::uint16_t kPage = 50;

using Request = rpc::Call<rpc::CheckPage>;
using Answered = rpc::Reply<rpc::Findings>;

kj::Own<Call> callOf(const Operation& operation, const std::string& after) {
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<Request>();
  request.initContext().setActor("agent:start");
  auto params = request.initParams();
  params.setAfter(after);
  params.setLimit(kPage);
  Caller self;
  self.peer = Peer::kAdmin;
  self.identity.pid = ::getpid();
  self.identity.uid = ::geteuid();
  self.identity.gid = ::getegid();
  return kj::heap<Call>(self, operation, message.getRoot<capnp::AnyPointer>().asReader());
}

}  // namespace

kj::Promise<void> SelfCheck::run(kj::Duration delay) {
  return timer_.afterDelay(delay)
      .then([this] { return runPart(0, ""); })
      .then([this] { summarise(); })
      .catch_([](kj::Exception&& fault) {
        logLine(LogLevel::kWarning, "the look at what differs has failed",
                {{"reason", fault.getDescription().cStr()}});
      });
}

kj::Promise<void> SelfCheck::runPart(std::size_t part, std::string after) {
  if (part == kParts.size()) return kj::READY_NOW;
  const auto* method = kParts.at(part);
  const auto* operation = dispatcher_.table().findByMethod(method);
  if (operation == nullptr) return runPart(part + 1, "");
  return dispatcher_.handle(callOf(*operation, after)).then([this, part, method](Answer answer) {
    take(method, *answer.message);
    return next_.empty() ? runPart(part + 1, "") : runPart(part, next_);
  });
}

void SelfCheck::take(const char* method, capnp::MessageBuilder& answer) {
  next_.clear();
  const auto reply = answer.getRoot<Answered>().asReader();
  if (!reply.isOk()) {
    ++unknown_;
    logLine(LogLevel::kWarning, "cannot look for what differs",
            {{"op", method},
             {"reason", reply.isError() ? reply.getError().getMessage().cStr() : "no answer"}});
    return;
  }
  const auto page = reply.getOk();
  checked_ += page.getChecked();
  next_ = page.getNext().cStr();
  for (const auto finding : page.getFindings()) {
    ++differ_;
    if (finding.getSeverity() == rpc::Finding::Severity::DANGER) ++danger_;
    if (finding.getSeverity() == rpc::Finding::Severity::UNKNOWN) ++unknown_;
    if (differ_ > kSelfCheckLinesMax) continue;
    const auto codes = capnp::Schema::from<rpc::Finding::Code>().getEnumerants();
    const auto code = static_cast<unsigned>(finding.getCode());
    logLine(LogLevel::kWarning, "differs",
            {{"object", finding.getObject().cStr()},
             {"code", code < codes.size() ? codes[code].getProto().getName().cStr() : "unknown"},
             {"found", finding.getFound().cStr()}});
  }
}

void SelfCheck::summarise() const {
  const bool good = differ_ == 0 && unknown_ == 0;
  logLine(good ? LogLevel::kNotice : LogLevel::kWarning,
          good ? "nothing differs from what is wanted"
               : "something differs from what is wanted; see: bulkhead doctor",
          {{"checked", std::to_string(checked_)},
           {"differ", std::to_string(differ_)},
           {"danger", std::to_string(danger_)},
           {"unknown", std::to_string(unknown_)}});
}

}  // namespace bulkhead::agent
