// Copying everything from one store into another, empty one; whichever databases they are. The
// source is only read. What was written is read back and compared, row by row, before anybody is
// told that it is there.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/store/mariadb/access.h"
#include "api/store/sql/connection.h"
#include "common/core/result.h"

namespace bulkhead::api {

struct TableProof {
  std::string table;
  std::int64_t rows = 0;
  std::string digest;  // BLAKE2b of every value in the order of the keys, hexadecimal
  bool operator==(const TableProof&) const = default;
};
struct CopyProof {
  std::vector<TableProof> tables;
  bool wasThere = false;  // the target had exactly these rows: a copy of before had come to its end
};

// One of the two databases.
class StoreEnd {
 public:
  using Work = std::function<Result<Ok>(sql::Connection&)>;
  virtual ~StoreEnd() = default;
  virtual Result<Ok> read(const Work& work) = 0;   // one snapshot
  virtual Result<Ok> write(const Work& work) = 0;  // all or nothing, while nobody else writes
};

// kUnsupported unless it has today's tables: the server of this version makes them so.
Result<std::unique_ptr<StoreEnd>> sourceAt(const std::string& sqlitePath);
Result<std::unique_ptr<StoreEnd>> sourceAt(const mariadb::Access& access);
// Makes the tables where there are none.
Result<std::unique_ptr<StoreEnd>> targetAt(const std::string& sqlitePath);
Result<std::unique_ptr<StoreEnd>> targetAt(const mariadb::Access& access);

// One transaction: cut off anywhere, the target is as it was. kConflict when it has rows, unless
// they are the same as the source's.
Result<CopyProof> copyStore(StoreEnd& from, StoreEnd& to);

// Tables and their columns in the order of copying, "table.column", for the test that none is
// forgotten.
std::vector<std::string> copiedColumns();

}  // namespace bulkhead::api
