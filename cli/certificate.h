// The gateway's first certificate: self-signed, one key a host, so that TLS works before a real
// certificate is there.
#pragma once
#include <string>

#include "common/core/result.h"

namespace bulkhead::cli {

inline constexpr const char* kGatewayKey = "/etc/bulkhead/tls/gateway.key";
inline constexpr const char* kGatewayCertificate = "/etc/bulkhead/tls/gateway.crt";

// Leaves existing files alone, so that an administrator's own certificate stays.
Result<std::string> ensureGatewayCertificate();

}  // namespace bulkhead::cli
