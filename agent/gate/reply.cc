#include "agent/gate/reply.h"

#include <capnp/serialize.h>

#include "agent/worker/worker.h"
#include "common/rpc/agent.capnp.h"

namespace bulkhead::agent {
namespace {

constexpr int kReplyNestingMax = 16;  // the deepest reply has six levels

capnp::DynamicStruct::Builder rootOf(const Operation& operation, capnp::MessageBuilder& message) {
  return message.getRoot<capnp::DynamicStruct>(operation.replyType);
}

void setError(capnp::DynamicStruct::Builder reply, const Error& error) {
  auto out = reply.init("error").as<capnp::DynamicStruct>().as<rpc::Error>();
  out.setCode(std::string(codeName(error.code)).c_str());
  out.setMessage(error.message.c_str());
  out.setField(error.field.c_str());
}

void setEvidence(capnp::DynamicStruct::Builder reply, const Proof& proof) {
  auto list = reply.init("evidence", static_cast<capnp::uint>(proof.size()))
                  .as<capnp::List<rpc::Evidence>>();
  for (capnp::uint i = 0; i < list.size(); ++i) {
    list[i].setCheck(proof[i].check.c_str());
    list[i].setDetail(proof[i].detail.c_str());
  }
}

Result<Ok> assumeAccount(const Operation& creation, const std::string& account, Host& host) {
  capnp::MallocMessageBuilder message;
  auto params = message.initRoot<rpc::AccountCreate>();
  params.setUsername(account.c_str());
  return creation.entry->preview(capnp::toDynamic(params.asReader()), host);
}

}  // namespace

Error internalError() {
  return Error{Code::kInternal, "the operation failed inside the agent", ""};
}

Answer emptyAnswer() {
  return {kj::heap<capnp::MallocMessageBuilder>(kUsualMessageWords), Answer::Then::kContinue};
}

Answer errorAnswer(const Operation& operation, const Error& error) {
  Answer answer = emptyAnswer();
  refuseInto(operation, error, *answer.message);
  return answer;
}

void refuseInto(const Operation& operation, const Error& error, capnp::MessageBuilder& message) {
  setError(message.initRoot<capnp::DynamicStruct>(operation.replyType), error);
}

void performInto(const Operation& operation,
                 capnp::DynamicStruct::Reader params,
                 Host& host,
                 capnp::MessageBuilder& message) {
  auto reply = message.initRoot<capnp::DynamicStruct>(operation.replyType);
  auto result = operation.entry->perform(params, reply.init("ok").as<capnp::DynamicStruct>(), host);
  if (!result.ok())
    setError(reply, result.error());  // takes the place of a half-filled answer
  else if (!result->empty())
    setEvidence(reply, *result);
}

void previewInto(const Operation& operation,
                 const Operation* creation,
                 Call& call,
                 Machine& machine,
                 capnp::MessageBuilder& message) {
  auto reply = message.initRoot<capnp::DynamicStruct>(operation.replyType);
  Machine::Act assumption;
  if (call.context().getAssumeAccount() && !call.account().empty()) {
    if (creation == nullptr)
      return setError(reply, Error{Code::kUnsupported, "no account can be assumed", ""});
    assumption = [&](Host& host) { return assumeAccount(*creation, call.account(), host); };
  }
  const auto changes = machine.preview(assumption, [&](Host& host) -> Result<Ok> {
    return operation.entry->preview(call.params(), host);
  });
  if (!changes.ok()) return setError(reply, changes.error());
  auto list = reply.init("preview", static_cast<capnp::uint>(changes->size()))
                  .as<capnp::List<rpc::Change>>();
  for (capnp::uint i = 0; i < list.size(); ++i) {
    const auto& change = (*changes)[i];
    list[i].setKind(change.kind);
    list[i].setTarget(change.target.c_str());
    list[i].setDiff(change.diff.c_str());
  }
}

void setExternalMicros(const Operation& operation,
                       capnp::MessageBuilder& message,
                       std::uint64_t micros) {
  rootOf(operation, message).set("externalMicros", micros);
}

void setAuditSeq(const Operation& operation, capnp::MessageBuilder& message, std::uint64_t seq) {
  rootOf(operation, message).set("auditSeq", seq);
}

Result<kj::Own<capnp::MallocMessageBuilder>> readReply(const Operation& operation,
                                                       kj::ArrayPtr<const capnp::word> words,
                                                       bool dryRun) {
  auto copy = kj::heap<capnp::MallocMessageBuilder>();
  std::optional<Error> refusal;
  const auto fault = kj::runCatchingExceptions([&] {
    capnp::ReaderOptions limits;
    limits.traversalLimitInWords = kWorkerResultBytesMax / sizeof(capnp::word);
    limits.nestingLimit = kReplyNestingMax;
    capnp::FlatArrayMessageReader reader(words, limits);
    if (reader.getEnd() != words.end())
      refusal = Error{Code::kInternal, "more than one message", ""};
    else
      copy->setRoot(reader.getRoot<capnp::DynamicStruct>(operation.replyType));
  });
  KJ_IF_MAYBE (exception, fault) {
    return Error{Code::kInternal, std::string(exception->getDescription().cStr()), ""};
  }
  if (refusal) return *refusal;
  const auto reply = rootOf(operation, *copy).asReader();
  KJ_IF_MAYBE (field, reply.which()) {
    const std::string which = field->getProto().getName().cStr();
    if (which != "error" && (which == "preview") != dryRun)
      return Error{Code::kInternal, "answers with \"" + which + "\"", ""};
    return kj::mv(copy);
  }
  return Error{Code::kInternal, "answers with an unknown kind", ""};
}

std::optional<Error> errorOf(const Operation& operation, capnp::MessageBuilder& message) {
  const auto reply = rootOf(operation, message).asReader();
  KJ_IF_MAYBE (field, reply.which()) {
    if (field->getProto().getName() != "error") return std::nullopt;
    const auto error = reply.get(*field).as<capnp::DynamicStruct>().as<rpc::Error>();
    return Error{codeFromName(view(error.getCode())), std::string(view(error.getMessage())), ""};
  }
  return internalError();
}

}  // namespace bulkhead::agent
