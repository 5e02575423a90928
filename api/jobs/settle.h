// What the end of each kind of job means for desired state. Called once, in the transaction that
// ends the job.
#pragma once
#include "api/store/store.h"

namespace bulkhead::api {

Result<Ok> settleCreate(Tables& tables, const JobRecord& record);
Result<Ok> settleSuspend(Tables& tables, const JobRecord& record);
Result<Ok> settleUnsuspend(Tables& tables, const JobRecord& record);
Result<Ok> settleDelete(Tables& tables, const JobRecord& record);
Result<Ok> settleRestore(Tables& tables, const JobRecord& record);
Result<Ok> settlePurge(Tables& tables, const JobRecord& record);
Result<Ok> settleDomainAdd(Tables& tables, const JobRecord& record);
Result<Ok> settleDomainRemove(Tables& tables, const JobRecord& record);
Result<Ok> settleRename(Tables& tables, const JobRecord& record);
Result<Ok> settleDomainRename(Tables& tables, const JobRecord& record);
Result<Ok> settleNothing(Tables& tables, const JobRecord& record);

}  // namespace bulkhead::api
