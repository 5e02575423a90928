// One call from its arrival to its answer, as plain data of the core: what the peer said is copied
// once, with the reader's limits, and never read from the connection again.
#pragma once
#include <string>
#include <vector>

#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <kj/memory.h>

#include "agent/audit/audit.h"
#include "agent/gate/operation_table.h"
#include "agent/policy/policy.h"
#include "common/audit/record.h"

namespace bulkhead::agent {

// Who calls, as the kernel says.
struct Caller {
  Peer peer = Peer::kApi;
  AuditPeer identity;
};

// Of what is reserved at once for one message: the usual call or answer in one piece. The library's
// own choice is 8 KiB, which it fills with zeros for each.
inline constexpr unsigned kUsualMessageWords = 128;

class Call {
 public:
  // Throws a kj::Exception when the message does not keep to the limits.
  Call(const Caller& caller, const Operation& operation, capnp::AnyPointer::Reader content);

  const Caller& caller() const { return caller_; }
  const Operation& operation() const { return *operation_; }
  capnp::DynamicStruct::Reader params();
  rpc::Context::Reader context();
  // Of every field that names an account, in the order of the contract; empty ones too.
  const std::vector<std::string>& accounts() const { return accounts_; }
  // The one that the operation is about; "" when it has none.
  const std::string& account() const { return accounts_.empty() ? kNoAccount : accounts_.front(); }
  // As the policy has decided.
  void setNeed(Need need) { need_ = need; }
  Need need() const { return need_; }
  // Everything of a record that comes from the call.
  AuditRecord record(AuditKind kind);

 private:
  capnp::DynamicStruct::Reader content();
  std::vector<std::string> readAccounts();
  std::vector<AuditParam> auditParams();

  Caller caller_;
  const Operation* operation_;
  capnp::MallocMessageBuilder message_{kUsualMessageWords};
  static inline const std::string kNoAccount;
  std::vector<std::string> accounts_;
  Need need_ = Need::kUsual;
};

// What goes back. The message's root is the operation's reply type.
struct Answer {
  enum class Then { kContinue, kClose };
  kj::Own<capnp::MallocMessageBuilder> message;
  Then then = Then::kContinue;
};

}  // namespace bulkhead::agent
