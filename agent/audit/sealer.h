// Sealer: the keys in force, their file, and how one set of keys follows another. Every step is
// first in the log and then in the file, so that a kill between the two is made up for at the next
// start, and no record is ever sealed by a key that the log does not lead to.
#pragma once
#include <optional>
#include <string>

#include "agent/audit/tail.h"
#include "common/audit/key_file.h"
#include "common/core/result.h"

namespace bulkhead::agent {

class Sealer {
 public:
  // `directory` is made when it is missing. A log without records or without seals gets keys that
  // wait to begin(). kConflict when keys and log do not belong together: one of them was put back,
  // cut or replaced.
  static Result<Sealer> open(std::string directory, const AuditTail& tail);

  const AuditKeys& keys() const { return next_ ? next_->keys() : current_->keys(); }
  // Other keys were made, or the first ones are still to begin.
  bool offersNext();
  // From here on keys() are the ones that were offered. Then write their record; after it
  // commit(), or abandon() when it could not be written.
  Result<Ok> begin();
  void commit();
  void abandon() { next_.reset(); }
  // After the checkpoint's record. A file that cannot be written is logged: the old key then stays
  // on the disk until the next time.
  void evolve();

 private:
  explicit Sealer(std::string directory) : directory_(std::move(directory)) {}
  std::string pathOf(const char* name) const { return directory_ + "/" + name; }
  Result<Ok> offerFirst();
  Result<Ok> follow(const AuditTail& tail);
  bool giveName();

  std::string directory_;
  std::optional<AuditKeyFile> current_;
  std::optional<AuditKeyFile> next_;  // between begin() and commit()
  bool unnamed_ = false;              // in force, but its file is still called the next one
};

}  // namespace bulkhead::agent
