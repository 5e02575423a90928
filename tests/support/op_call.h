// OpCall: one call of one operation, as the dispatcher makes it, with typed parameters and reply.
#pragma once
#include <string>

#include <capnp/dynamic.h>
#include <capnp/message.h>

#include "agent/ops/op.h"

namespace bulkhead::testing {

// Keeps an embedded NUL, which a conversion through c_str() would cut off.
inline capnp::Text::Reader wire(const std::string& text) { return {text.c_str(), text.size()}; }

template <typename Params, typename Reply>
class OpCall {
 public:
  typename Params::Builder params() { return params_; }
  typename Reply::Reader reply() { return reply_.asReader(); }
  Result<agent::Proof> perform(const agent::OpEntry& entry, agent::Host& host) {
    return entry.perform(capnp::toDynamic(params_.asReader()), capnp::toDynamic(reply_), host);
  }
  Result<Ok> preview(const agent::OpEntry& entry, agent::Host& host) {
    return entry.preview(capnp::toDynamic(params_.asReader()), host);
  }

 private:
  capnp::MallocMessageBuilder in_;
  capnp::MallocMessageBuilder out_;
  typename Params::Builder params_ = in_.initRoot<Params>();
  typename Reply::Builder reply_ = out_.initRoot<Reply>();
};

}  // namespace bulkhead::testing
