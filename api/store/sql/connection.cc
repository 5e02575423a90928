// Statements go out of their connection's store and come back to it.
#include "api/store/sql/connection.h"

namespace bulkhead::api::sql {
namespace {

// Statements kept per connection; the code has fewer, so only a programmer's mistake (SQL built
// from values) reaches it.
constexpr std::size_t kStatementsMax = 200;

}  // namespace

Statement::Statement(Connection* connection, std::string_view sql) : connection_(connection) {
  auto& idle = connection_->idle_;
  if (const auto found = idle.find(sql); found != idle.end()) {
    kept_ = idle.extract(found);
    prepared_ = kept_.mapped().get();
    return;
  }
  auto compiled = connection_->compile(sql);
  if (!compiled.ok()) {
    failure_ = compiled.error();
    return;
  }
  kept_ = idle.extract(idle.emplace(sql, std::move(compiled).value()).first);
  prepared_ = kept_.mapped().get();
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      kept_(std::move(other.kept_)),
      prepared_(std::exchange(other.prepared_, nullptr)),
      failure_(std::move(other.failure_)) {}

Statement::~Statement() {
  if (prepared_ == nullptr) return;
  prepared_->reset();
  // The same statement may have been prepared twice at once; one copy is kept.
  if (connection_->idle_.size() < kStatementsMax) connection_->idle_.insert(std::move(kept_));
}

void Statement::refuseValue() {
  if (!failure_) failure_ = Error{Code::kInternal, "a number that no store can hold", ""};
}

Result<bool> Statement::step() {
  if (failure_) return *failure_;
  return prepared_->step();
}

Result<std::int64_t> Statement::run() {
  while (true) {
    TRY_ASSIGN(const bool row, step());
    if (!row) return prepared_->changed();
  }
}

void Statement::reset() {
  if (prepared_ == nullptr) return;
  prepared_->reset();
  failure_.reset();
}

}  // namespace bulkhead::api::sql
