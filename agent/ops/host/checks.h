// The parts of host.check. Each adds what it finds; what it cannot read it says.
#pragma once
#include "agent/ops/host/findings.h"

namespace bulkhead::agent {

void checkSettings(const Host& host, Findings& findings);   // of the kernel and of useradd
void checkOwnFiles(const Host& host, Findings& findings);   // owner and mode of the panel's own
void checkLeftovers(const Host& host, Findings& findings);  // of writers that were killed
void checkAuditLog(const Host& host, Findings& findings);  // its end only: `audit verify` reads all
void checkUnits(const Host& host, Findings& findings);
// Users, groups, sub-ids and homes in the accounts' ranges that no account explains.
void checkPeople(const Host& host, Findings& findings);

}  // namespace bulkhead::agent
