// What a container may be, whoever asks for it: a caller of service.apply, or a tenant's engine
// that says what it has.
#pragma once
#include "agent/host/catalogue.h"
#include "agent/host/container.h"
#include "agent/registry/registry.h"
#include "common/core/result.h"

namespace bulkhead::agent {

// 0 stands for the catalogue's own limit, which gives way to a smaller account; a port of 0 for
// none. kLimitExceeded for more than the account has, kInvalidArgument for what the service cannot
// be, kNotFound for a service that is not in the catalogue.
Result<container::Spec> specFor(const Host& host,
                                const Catalogue& catalogue,
                                const AccountRecord& account,
                                const KeptService& wanted);

}  // namespace bulkhead::agent
