// What an operation is. One file in agent/ops/ is one operation:
//
//   struct AccountCreate {
//     static constexpr auto kMethod = "accountCreate";                  // its name in agent.capnp
//     using Params = rpc::AccountCreate;
//     using Reply = rpc::Account;
//     struct Plan { ... };                                              // only check() makes one
//     static Result<Plan> check(Params::Reader in, const Host& host);   // reads, never changes
//     static Result<Ok> run(const Plan& plan, Host& host);              // idempotent
//     static Result<Proof> verify(const Plan& plan, const Host& host);  // reads the machine back
//     static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out);
//   };
//   OpEntry accountCreate() { return entryFor<AccountCreate>(); }
//
// finish() is for the one step that must not come before verify(): account.delete forgets the
// account only when nothing of it is left, so that a retry still knows what to look for. A read has
// check() and answer() only. Policy, audit, locks, limits and the worker process are the
// dispatcher's, so that no operation can forget them.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <capnp/dynamic.h>

#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"
#include "common/rpc/agent.capnp.h"
#include "common/rpc/op.capnp.h"

namespace bulkhead::agent {

// Keeps an embedded NUL visible to parse(); cStr() would cut the text there.
inline std::string_view view(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

struct OpEntry {
  const char* method;
  // check, run and finish, without verify: on a DryRunHost this is the preview.
  std::function<Result<Ok>(capnp::DynamicStruct::Reader params, Host& host)> preview;
  // check, run, verify, finish, answer.
  std::function<Result<Proof>(
      capnp::DynamicStruct::Reader params, capnp::DynamicStruct::Builder reply, Host& host)>
      perform;
};

template <typename Op>
OpEntry entryFor() {
  OpEntry entry;
  entry.method = Op::kMethod;
  entry.preview = [](capnp::DynamicStruct::Reader params, Host& host) -> Result<Ok> {
    TRY_ASSIGN(auto plan, Op::check(params.as<typename Op::Params>(), host));
    if constexpr (requires { &Op::run; }) TRY(Op::run(plan, host));
    if constexpr (requires { &Op::finish; }) TRY(Op::finish(plan, host));
    return Ok{};
  };
  entry.perform = [](capnp::DynamicStruct::Reader params, capnp::DynamicStruct::Builder reply,
                     Host& host) -> Result<Proof> {
    TRY_ASSIGN(auto plan, Op::check(params.as<typename Op::Params>(), host));
    Proof proof;
    if constexpr (requires { &Op::run; }) {
      TRY(Op::run(plan, host));
      TRY_ASSIGN(proof, Op::verify(plan, host));
    }
    if constexpr (requires { &Op::finish; }) TRY(Op::finish(plan, host));
    TRY(Op::answer(plan, host, reply.as<typename Op::Reply>()));
    return proof;
  };
  return entry;
}

}  // namespace bulkhead::agent
