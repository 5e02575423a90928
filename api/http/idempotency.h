// Idempotency: what Idempotency-Key means to a change. Decides which answers are kept, and gives
// them again.
#pragma once
#include <functional>
#include <string>

#include "api/http/route.h"
#include "api/usecases/repeats.h"

namespace bulkhead::api {

class Idempotency {
 public:
  // The answer of GET for that address, as the caller gets it.
  using Read = std::function<Answered(const std::string& path)>;

  // `repeats` must outlive it.
  explicit Idempotency(Repeats& repeats) : repeats_(repeats) {}

  // Runs the handler of a route that changes something; with a key only if nobody has done so yet.
  Answered once(const Route& route, Call& call, const Read& read) const;

 private:
  Answered perform(const Route& route, Call& call, const std::string& id) const;
  Answered again(const Route& route,
                 const Call& call,
                 const Repeats::Begun& begun,
                 const Read& read) const;

  Repeats& repeats_;
};

}  // namespace bulkhead::api
