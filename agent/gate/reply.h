// Builds, checks and reads the reply message of an operation: in the worker, and again in the core,
// which does not believe what a worker says about its own form.
#pragma once
#include <cstdint>
#include <optional>

#include <capnp/message.h>

#include "agent/gate/call.h"
#include "agent/worker/machine.h"

namespace bulkhead::agent {

// What a peer learns of a fault.
Error internalError();
Answer emptyAnswer();  // without a reply yet
Answer errorAnswer(const Operation& operation, const Error& error);

void refuseInto(const Operation& operation, const Error& error, capnp::MessageBuilder& message);

// check, run, verify, answer; fills ok or error, and evidence.
void performInto(const Operation& operation,
                 capnp::DynamicStruct::Reader params,
                 Host& host,
                 capnp::MessageBuilder& message);
// Fills preview or error. `creation` is account.create, which a call may want to have happened
// before.
void previewInto(const Operation& operation,
                 const Operation* creation,
                 Call& call,
                 Machine& machine,
                 capnp::MessageBuilder& message);
void setExternalMicros(const Operation& operation,
                       capnp::MessageBuilder& message,
                       std::uint64_t micros);
void setAuditSeq(const Operation& operation, capnp::MessageBuilder& message, std::uint64_t seq);

// Copies a worker's message under the reader's limits. Refuses what is no reply of this operation,
// and a preview that nobody asked for.
Result<kj::Own<capnp::MallocMessageBuilder>> readReply(const Operation& operation,
                                                       kj::ArrayPtr<const capnp::word> words,
                                                       bool dryRun);
std::optional<Error> errorOf(const Operation& operation, capnp::MessageBuilder& message);

}  // namespace bulkhead::agent
