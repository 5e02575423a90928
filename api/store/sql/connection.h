// Connection and Statement: SQL as every store speaks it, whichever database is below. A database
// brings a Connection that compiles text into Prepared statements; who uses it sees no difference.
// No message ever carries SQL or a value.
#pragma once
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "common/core/result.h"

namespace bulkhead::api::sql {

struct Blob {  // binds as bytes instead of text; they must live until step()
  std::string_view bytes;
};

// One compiled statement of one database. Parameters count from 1, and one that is not bound is
// NULL; columns count from 0. What goes wrong with a value comes out of step().
class Prepared {
 public:
  Prepared() = default;
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  virtual ~Prepared() = default;
  virtual void bindInteger(int parameter, std::int64_t value) = 0;
  virtual void bindText(int parameter, std::string_view value) = 0;  // copied
  virtual void bindBlob(int parameter, std::string_view value) = 0;
  virtual void bindNull(int parameter) = 0;
  virtual Result<bool> step() = 0;           // true = there is a row
  virtual std::int64_t changed() const = 0;  // rows met by what step() ran to the end
  virtual void reset() = 0;                  // as after it was compiled
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view view(int column) const = 0;
  virtual bool isNull(int column) const = 0;
};

class Connection;

// One prepared statement with its values. Errors of prepare and bind stick and come out of step().
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters count from 1. Text is copied.
  void bind(int parameter, std::int64_t value) {
    if (!failure_) prepared_->bindInteger(parameter, value);
  }
  void bind(int parameter, std::string_view value) {
    if (!failure_) prepared_->bindText(parameter, value);
  }
  void bind(int parameter, Blob value) {
    if (!failure_) prepared_->bindBlob(parameter, value.bytes);
  }
  void bind(int parameter, std::nullptr_t) {
    if (!failure_) prepared_->bindNull(parameter);
  }
  void bind(int parameter, const std::string& value) { bind(parameter, std::string_view(value)); }
  void bind(int parameter, const char* value) { bind(parameter, std::string_view(value)); }
  template <std::same_as<bool> T>
  void bind(int parameter, T value) {
    bind(parameter, std::int64_t{value});
  }
  // Any other integer. One that a database cannot hold (2^63 and above) is a fault of the
  // caller: kInternal from step().
  template <std::integral T>
  requires(!std::same_as<T, std::int64_t> && !std::same_as<T, bool>) void bind(int parameter,
                                                                               T value) {
    if (std::cmp_greater(value, std::numeric_limits<std::int64_t>::max())) return refuseValue();
    bind(parameter, static_cast<std::int64_t>(value));
  }

  Result<bool> step();         // true = there is a row
  Result<std::int64_t> run();  // to the end; answers how many rows it changed
  void reset();                // ready for new values

  // Columns count from 0; valid after step() answered true.
  std::int64_t integer(int column) const { return prepared_->integer(column); }
  template <std::integral T>
  T number(int column) const {
    return static_cast<T>(integer(column));
  }
  // Bytes of text, with embedded NULs; "" for NULL.
  std::string text(int column) const { return std::string(view(column)); }
  // The same, until the next step().
  std::string_view view(int column) const { return prepared_->view(column); }
  bool isNull(int column) const { return prepared_->isNull(column); }

 private:
  friend class Connection;
  using Kept = std::map<std::string, std::unique_ptr<Prepared>, std::less<>>;
  Statement(Connection* connection, std::string_view sql);
  void refuseValue();

  Connection* connection_;
  Kept::node_type kept_;  // out of the connection's store, so that nobody else has it
  Prepared* prepared_ = nullptr;
  std::optional<Error> failure_;  // the first thing that went wrong before step()
};

// One connection, used by one thread at a time. Keeps its prepared statements.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  template <typename... Values>
  Statement prepare(std::string_view sql, const Values&... values) {
    Statement statement(this, sql);
    int parameter = 0;
    (statement.bind(++parameter, values), ...);
    return statement;
  }
  // Prepares, binds, runs to the end: how many rows changed.
  template <typename... Values>
  Result<std::int64_t> run(std::string_view sql, const Values&... values) {
    return prepare(sql, values...).run();
  }

 protected:
  virtual Result<std::unique_ptr<Prepared>> compile(std::string_view sql) = 0;
  // Before the connection below goes: prepared statements must not outlive it.
  void forgetPrepared() { idle_.clear(); }

 private:
  friend class Statement;
  Statement::Kept idle_;  // prepared, reset, ready for use
};

}  // namespace bulkhead::api::sql
