// Migrations of the administrators' database.
#pragma once
#include "api/store/sqlite/database.h"

namespace bulkhead::api {

sqlite::Migrations adminMigrations();

}  // namespace bulkhead::api
