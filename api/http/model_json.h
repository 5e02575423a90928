// The model as JSON: the answers' schemas and the values that fit them, side by side. Only what is
// listed here leaves the server.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "api/http/schema.h"
#include "api/usecases/model.h"
#include "common/core/json.h"

namespace bulkhead::api {

Schema resellerSchema();
Schema administratorSchema();
Schema databaseUserSchema();
Schema featuresSchema(std::string description);  // an array of them, or null
Schema planSchema();
Schema accountSchema();
Schema domainSchema();
Schema jobSchema();
Schema previewSchema();  // of a dry run

Json toJson(const Reseller& reseller);
Json toJson(const Administrator& admin);
Json toJson(const DatabaseUser& user);
Json toJson(const Plan& plan);
Json toJson(const Account& account);
Json toJson(const Domain& domain);
Json toJson(const Job& job);
Json toJson(const std::vector<PlannedChange>& changes);

// "2026-01-02T03:04:05.123456Z"; null for 0, which means "not yet" everywhere.
Json timestamp(std::int64_t micros);
Schema timestampSchema(std::string description);

}  // namespace bulkhead::api
