#include "api/store/mariadb/connection.h"

#include <mysql_connection.h>
#include <mysql_driver.h>

#include <exception>
#include <istream>
#include <streambuf>
#include <utility>
#include <variant>
#include <vector>

#include "api/store/mariadb/dialect.h"

#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

namespace bulkhead::api::mariadb {
namespace {

constexpr int kConnectSeconds = 2;
// Longer than the server's own limits below: it is the one that tells why.
constexpr int kAnswerSeconds = 8;
constexpr int kMigrationSeconds = 1800;  // a table of millions of rows is rebuilt

// NO_PAD and by code point: text compares as SQLite compares it. Quotes and backslashes mean what
// they mean there; what does not fit is refused, not cut off.
constexpr const char* kSession =
    "SET SESSION sql_mode='STRICT_ALL_TABLES,ANSI_QUOTES,NO_BACKSLASH_ESCAPES,"
    "NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO', "
    "collation_connection='utf8mb4_nopad_bin', foreign_key_checks=1, unique_checks=1, "
    "tx_isolation='REPEATABLE-READ', autocommit=1, innodb_lock_wait_timeout=3, "
    "lock_wait_timeout=3, net_write_timeout=10";
// A dead client's locks are gone after half a minute.
constexpr const char* kServingSession =
    "SET SESSION max_statement_time=5, idle_transaction_timeout=30";

using Value = std::variant<std::monostate, std::int64_t, std::string>;

class MemoryBuffer final : public std::streambuf {
 public:
  explicit MemoryBuffer(std::string& bytes) {
    setg(bytes.data(), bytes.data(), bytes.data() + bytes.size());
  }
};

Error gone() { return {Code::kUnavailable, "the database does not answer", ""}; }
Error full() { return {Code::kUnavailable, "storage is full", ""}; }

}  // namespace

template <typename Work>
auto Connection::guarded(Work work) -> Result<decltype(work())> {
  try {
    return work();
  } catch (const ::sql::SQLException& fault) {
    return failure(fault.getErrorCode());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return failure(0);
  }
}

// The library's statement. Rows are fetched as a whole, so that other statements may run between
// two of them.
class MariadbPrepared final : public sql::Prepared {
 public:
  MariadbPrepared(Connection& connection,
                  Translated text,
                  std::unique_ptr<::sql::PreparedStatement> statement)
      : connection_(connection), text_(std::move(text)), statement_(std::move(statement)) {
    values_.resize(static_cast<std::size_t>(text_.largest));
  }
  ~MariadbPrepared() override {
    rows_.reset();  // before the statement, which it points into
  }

  void bindInteger(int parameter, std::int64_t value) override { keep(parameter, value); }
  void bindText(int parameter, std::string_view value) override {
    keep(parameter, std::string(value));
  }
  void bindBlob(int parameter, std::string_view value) override { bindText(parameter, value); }
  void bindNull(int parameter) override { keep(parameter, {}); }

  Result<bool> step() override {
    if (misbound_) return Error{Code::kInternal, "store error: no such parameter", ""};
    if (connection_.health_ != Connection::Health::kGood) return connection_.cause_;
    if (!ran_) TRY(connection_.guarded([this] { return run(); }));
    if (rows_ == nullptr) return false;
    return connection_.guarded([this] { return fetch(); });
  }
  std::int64_t changed() const override { return changed_; }
  void reset() override {
    rows_.reset();
    ran_ = false;
    misbound_ = false;
    changed_ = 0;
    values_.assign(values_.size(), Value());
  }
  std::int64_t integer(int column) const override { return integers_.at(at(column)); }
  std::string_view view(int column) const override { return texts_.at(at(column)); }
  bool isNull(int column) const override { return nulls_.at(at(column)); }

 private:
  static std::size_t at(int column) { return static_cast<std::size_t>(column); }
  void keep(int parameter, Value value) {
    if (parameter < 1 || parameter > text_.largest) {
      misbound_ = true;
      return;
    }
    values_[static_cast<std::size_t>(parameter) - 1] = std::move(value);
  }
  Ok run() {
    for (std::size_t i = 0; i < text_.parameters.size(); ++i)
      send(static_cast<unsigned>(i) + 1,
           values_[static_cast<std::size_t>(text_.parameters[i]) - 1]);
    ran_ = true;
    if (!text_.answersRows) {
      changed_ = statement_->executeUpdate();
      return {};
    }
    rows_.reset(statement_->executeQuery());
    const auto* const meta = rows_->getMetaData();
    const std::size_t columns = const_cast<::sql::ResultSetMetaData*>(meta)->getColumnCount();
    texts_.assign(columns, {});
    integers_.assign(columns, 0);
    nulls_.assign(columns, false);
    isNumber_.clear();
    for (unsigned column = 1; column <= columns; ++column)
      isNumber_.push_back(const_cast<::sql::ResultSetMetaData*>(meta)->isNumeric(column));
    return {};
  }
  void send(unsigned position, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
      statement_->setInt64(position, *number);
    else if (const auto* text = std::get_if<std::string>(&value))
      statement_->setString(position, *text);
    else
      statement_->setNull(position, 0);
  }
  bool fetch() {
    if (!rows_->next()) return false;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const auto column = static_cast<unsigned>(i) + 1;
      nulls_[i] = rows_->isNull(column);
      if (nulls_[i]) {
        texts_[i].clear();
        integers_[i] = 0;
      } else if (isNumber_[i]) {
        integers_[i] = rows_->getInt64(column);
        texts_[i] = std::to_string(integers_[i]);
      } else {
        texts_[i] = rows_->getString(column).asStdString();
        integers_[i] = 0;
      }
    }
    return true;
  }

  Connection& connection_;
  Translated text_;
  std::unique_ptr<::sql::PreparedStatement> statement_;
  std::unique_ptr<::sql::ResultSet> rows_;
  std::vector<Value> values_;
  std::vector<std::string> texts_;  // of the row that step() stands at
  std::vector<std::int64_t> integers_;
  std::vector<bool> nulls_;
  std::vector<bool> isNumber_;
  std::int64_t changed_ = 0;
  bool ran_ = false;
  bool misbound_ = false;
};

Result<std::unique_ptr<Connection>> Connection::open(const Access& access, Use use) {
  std::unique_ptr<Connection> connection(new Connection);  // NOLINT: the constructor is private
  const int patience = use == Use::kServing ? kAnswerSeconds : kMigrationSeconds;
  ::sql::ConnectOptionsMap options;
  const auto text = [](const std::string& value) { return ::sql::SQLString(value); };
  options["userName"] = text(access.user);
  options["password"] = text(access.password);
  options["schema"] = text(access.database);
  options["OPT_CHARSET_NAME"] = text("utf8mb4");
  options["OPT_CONNECT_TIMEOUT"] = kConnectSeconds;
  options["OPT_READ_TIMEOUT"] = patience;
  options["OPT_WRITE_TIMEOUT"] = patience;
  options["OPT_LOCAL_INFILE"] = 0;      // a server could ask for files of ours
  options["CLIENT_FOUND_ROWS"] = true;  // changed() counts rows met, as with SQLite
  if (access.isRemote()) {
    options["hostName"] = text("tcp://" + access.host + ":" + std::to_string(access.port));
    options["sslCA"] = text(access.ca);
    options["sslEnforce"] = true;
    options["sslVerify"] = true;  // the others only encrypt, for whoever answers
  } else {
    options["hostName"] = text("unix://" + access.socket);
  }
  TRY(connection->guarded([&] {
    connection->handle_.reset(::sql::mysql::get_driver_instance()->connect(options));
    return Ok{};
  }));
  TRY(connection->command(kSession));
  if (use == Use::kServing) TRY(connection->command(kServingSession));
  return connection;
}

Connection::~Connection() {
  forgetPrepared();
  try {
    handle_.reset();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it is gone either way
  }
}

Result<Ok> Connection::command(const std::string& text) {
  if (health_ == Health::kLost) return cause_;
  return guarded([&] {
    const std::unique_ptr<::sql::Statement> statement(handle_->createStatement());
    statement->execute(text);
    return Ok{};
  });
}

bool Connection::answers() {
  if (health_ == Health::kLost) return false;
  const auto valid = guarded([this] { return handle_->isValid(); });
  return valid.ok() && *valid;
}

Result<std::unique_ptr<sql::Prepared>> Connection::compile(std::string_view sql) {
  if (health_ != Health::kGood) return cause_;
  Translated text = translate(sql);
  return guarded([&]() -> std::unique_ptr<sql::Prepared> {
    std::unique_ptr<::sql::PreparedStatement> statement(handle_->prepareStatement(text.sql));
    return std::make_unique<MariadbPrepared>(*this, std::move(text), std::move(statement));
  });
}

// Codes are the server's (1000-1999, 3000 and more) and its client library's (2000-2999).
Error Connection::failure(int code) {
  const auto spoilt = [this](Health health, Error cause) {
    health_ = health;
    cause_ = cause;
    return cause;
  };
  switch (code) {
    case 1062:  // a unique key
    case 1586:
      return {Code::kAlreadyExists, "already exists", ""};
    case 1216:  // a foreign key
    case 1217:
    case 1451:
    case 1452:
      return {Code::kConflict, "still in use, or gone", ""};
    case 1213:
    case 1020:
      return spoilt(Health::kGaveWay, {Code::kBusy, "the store is busy", ""});
    case 1205:  // waited for a lock as long as agreed
      return spoilt(Health::kUndone, {Code::kBusy, "the store is busy", ""});
    case 1969:  // max_statement_time
      return spoilt(Health::kUndone, {Code::kUnavailable, "the database is too slow", ""});
    case 3:  // writing a file
    case 28:
    case 1021:
    case 1026:
    case 1114:
      return spoilt(Health::kUndone, full());
    case 1290:  // --read-only
    case 1792:
    case 1836:
      return spoilt(Health::kUndone, {Code::kUnavailable, "the database is read-only", ""});
    case 1044:
    case 1045:
    case 1049:
    case 1698:
      return spoilt(Health::kLost, {Code::kUnavailable, "the database does not let us in", ""});
    case 2026:
      return spoilt(Health::kLost,
                    {Code::kUnavailable, "the database's certificate is not to be trusted", ""});
    case 1040:  // connections
    case 1203:
    case 1226:
      return spoilt(Health::kLost,
                    {Code::kUnavailable, "the database has no connection left for us", ""});
    case 1053:  // is shutting down
    case 1077:
    case 1129:
    case 1130:
    case 1152:
    case 1158:
    case 1159:
    case 1160:
    case 1161:
    case 1184:
    case 1317:  // interrupted
    case 1927:  // killed
    case 4031:  // idle for too long
      return spoilt(Health::kLost, gone());
    default:
      break;
  }
  if (code >= 2000 && code < 3000) return spoilt(Health::kLost, gone());
  // A statement that is refused has changed nothing; who wrote it is told by the number.
  return {Code::kInternal, "store error " + std::to_string(code), ""};
}

}  // namespace bulkhead::api::mariadb
