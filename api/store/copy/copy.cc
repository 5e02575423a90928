#include "api/store/copy/copy.h"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string_view>

namespace bulkhead::api {
namespace {

// '#' before a column: a number. '+': refers to a row that comes later, so it is filled in when
// that is there.
struct Table {
  const char* name;
  const char* keys;
  const char* columns;
};
constexpr std::array kTables{
    Table{"counters", "name", "name #value"},
    Table{"resellers", "id",
          "id #number name email locale +account_id owner_admin #accounts_max #created_at "
          "#revision"},
    Table{"plans", "id",
          "id name #cpu_percent #memory_bytes #tasks #disk_bytes #inodes #domains_max #created_at "
          "#revision reseller_id owner_admin #sites_max #database_users_max #io_read_bytes "
          "#io_write_bytes #io_read_ops #io_write_ops #transfer_bytes #features limits_job"},
    Table{"accounts", "id",
          "id username plan_id state #uid #preview_port #created_at #revision email locale "
          "reseller_id owner_admin renaming_to #deleted_at #restore_until #was_suspended"},
    Table{"domains", "id",
          "id name sort_key account_id state #is_primary #created_at kind +target_id php "
          "#revision"},
    Table{"database_users", "name", "name account_id #created_at"},
    Table{"jobs", "id",
          "id kind state account_id username domain_id actor request_id traceparent problem_code "
          "problem_message problem_field #created_at #ended_at details parent_id #parts_total "
          "#parts_ended #parts_failed"},
    Table{"job_steps", "job_id position",
          "job_id #position name subject state #undo #started_at #ended_at #external_micros "
          "evidence"},
    Table{"request_keys", "id",
          "id caller #number request #created_at state reference #status location etag body"},
    Table{"events", "id",
          "#id #time type object object_id name account_id reseller_id job_id request_id data"},
};

struct Column {
  std::string name;
  bool number = false;
  bool late = false;
};

std::vector<std::string> wordsOf(const char* text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

std::vector<Column> columnsOf(const Table& table) {
  std::vector<Column> columns;
  for (auto& word : wordsOf(table.columns)) {
    const char mark = word.front();
    const bool marked = mark == '#' || mark == '+';
    columns.push_back({marked ? word.substr(1) : word, mark == '#', mark == '+'});
  }
  return columns;
}

// Names are ours, never a caller's; "undo" is a word of MariaDB.
std::string quoted(const std::string& name) { return '"' + name + '"'; }

template <typename List, typename Print>
std::string joined(const List& list, Print print) {
  std::string text;
  for (const auto& entry : list)
    text += (text.empty() ? "" : ",") + print(entry);
  return text;
}

std::string selection(const Table& table) {
  return "SELECT " + joined(columnsOf(table), [](const Column& c) { return quoted(c.name); }) +
         " FROM " + table.name + " ORDER BY " + joined(wordsOf(table.keys), quoted);
}

std::string insertion(const Table& table) {
  const auto columns = columnsOf(table);
  return std::string("INSERT INTO ") + table.name + "(" +
         joined(columns, [](const Column& c) { return quoted(c.name); }) + ") VALUES(" +
         joined(columns, [](const Column&) { return std::string("?"); }) + ")";
}

class Digest {
 public:
  Digest() { crypto_generichash_init(&state_, nullptr, 0, kBytes); }
  void add(char kind, std::string_view bytes) {
    std::array<unsigned char, 9> head{static_cast<unsigned char>(kind)};
    for (std::size_t i = 0; i < 8; ++i)
      head.at(i + 1) = static_cast<unsigned char>(bytes.size() >> (8 * i));
    crypto_generichash_update(&state_, head.data(), head.size());
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
  }
  std::string hex() {
    std::array<unsigned char, kBytes> raw{};
    crypto_generichash_final(&state_, raw.data(), raw.size());
    std::array<char, 2 * kBytes + 1> text{};
    sodium_bin2hex(text.data(), text.size(), raw.data(), raw.size());
    return text.data();
  }

 private:
  static constexpr std::size_t kBytes = 32;
  crypto_generichash_state state_{};
};

using EachRow = std::function<Result<Ok>(const sql::Statement&, const std::vector<Column>&)>;

// Reads a table from end to end and tells what was in it.
Result<TableProof> readTable(sql::Connection& connection, const Table& table, const EachRow& each) {
  const auto columns = columnsOf(table);
  TableProof proof{table.name, 0, ""};
  Digest digest;
  auto rows = connection.prepare(selection(table));
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) break;
    ++proof.rows;
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
      if (rows.isNull(i))
        digest.add('0', "");
      else if (columns[static_cast<std::size_t>(i)].number)
        digest.add('#', std::to_string(rows.integer(i)));
      else
        digest.add('t', rows.view(i));
    }
    if (each) TRY(each(rows, columns));
  }
  proof.digest = digest.hex();
  return proof;
}

Result<std::vector<TableProof>> proofOf(sql::Connection& connection) {
  std::vector<TableProof> proofs;
  for (const auto& table : kTables) {
    TRY_ASSIGN(auto proof, readTable(connection, table, nullptr));
    proofs.push_back(std::move(proof));
  }
  return proofs;
}

Result<std::vector<TableProof>> proofOf(StoreEnd& end) {
  std::vector<TableProof> proofs;
  const auto done = end.read([&](sql::Connection& connection) -> Result<Ok> {
    TRY_ASSIGN(proofs, proofOf(connection));
    return Ok{};
  });
  if (!done.ok()) return done.error();
  return proofs;
}

// A new store has its counters, at nothing.
Result<bool> isEmpty(sql::Connection& connection) {
  for (const auto& table : kTables) {
    const bool counts = std::string_view(table.name) == "counters";
    auto row = connection.prepare(std::string("SELECT count(*) FROM ") + table.name +
                                  (counts ? " WHERE value<>0" : ""));
    TRY(row.step());
    if (row.integer(0) != 0) return false;
  }
  return true;
}

Result<Ok> copyRow(sql::Statement& insert,
                   const sql::Statement& row,
                   const std::vector<Column>& columns) {
  for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
    const Column& column = columns[static_cast<std::size_t>(i)];
    if (row.isNull(i) || column.late)
      insert.bind(i + 1, nullptr);
    else if (column.number)
      insert.bind(i + 1, row.integer(i));
    else
      insert.bind(i + 1, row.view(i));
  }
  TRY(insert.run());
  insert.reset();
  return Ok{};
}

// Every row of `table`; afterwards the digest of what the source said.
Result<TableProof> copyTable(sql::Connection& from, sql::Connection& to, const Table& table) {
  auto insert = to.prepare(insertion(table));
  return readTable(from, table, [&](const sql::Statement& row, const std::vector<Column>& columns) {
    return copyRow(insert, row, columns);
  });
}

Result<Ok> fillLate(sql::Connection& from, sql::Connection& to, const Table& table) {
  for (const auto& column : columnsOf(table)) {
    if (!column.late) continue;
    auto rows = from.prepare("SELECT id, " + quoted(column.name) + " FROM " + table.name +
                             " WHERE " + quoted(column.name) + " IS NOT NULL");
    while (true) {
      TRY_ASSIGN(const bool more, rows.step());
      if (!more) break;
      TRY(to.run(
          std::string("UPDATE ") + table.name + " SET " + quoted(column.name) + "=? WHERE id=?",
          rows.view(1), rows.view(0)));
    }
  }
  return Ok{};
}

Result<Ok> copyAll(sql::Connection& from, sql::Connection& to, std::vector<TableProof>& told) {
  TRY(to.run("DELETE FROM counters"));
  for (const auto& table : kTables) {
    TRY_ASSIGN(auto proof, copyTable(from, to, table));
    told.push_back(std::move(proof));
  }
  for (const auto& table : kTables)
    TRY(fillLate(from, to, table));
  return Ok{};
}

Error differs() {
  return {Code::kInternal, "the target does not hold what was written into it", ""};
}

Result<Ok> copyOrKnow(sql::Connection& source, sql::Connection& target, CopyProof& proof) {
  proof = {};
  TRY_ASSIGN(const bool empty, isEmpty(target));
  if (!empty) {
    TRY_ASSIGN(proof.tables, proofOf(source));
    TRY_ASSIGN(const auto there, proofOf(target));
    proof.wasThere = there == proof.tables;
    if (!proof.wasThere) return Error{Code::kConflict, "the target is not empty", ""};
    return Ok{};
  }
  TRY(copyAll(source, target, proof.tables));
  TRY_ASSIGN(const auto written, proofOf(target));
  if (written != proof.tables) return differs();
  return Ok{};
}

}  // namespace

std::vector<std::string> copiedColumns() {
  std::vector<std::string> names;
  for (const auto& table : kTables)
    for (const auto& column : columnsOf(table))
      names.push_back(std::string(table.name) + "." + column.name);
  return names;
}

Result<CopyProof> copyStore(StoreEnd& from, StoreEnd& to) {
  CopyProof proof;
  const auto copied = from.read([&](sql::Connection& source) {
    return to.write([&](sql::Connection& target) { return copyOrKnow(source, target, proof); });
  });
  if (!copied.ok()) return copied.error();
  // Once more, of what was kept.
  TRY_ASSIGN(const auto kept, proofOf(to));
  if (kept != proof.tables) return differs();
  return proof;
}

}  // namespace bulkhead::api
