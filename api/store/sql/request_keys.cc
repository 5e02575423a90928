// Keys of requests in tables.
#include <array>

#include "api/store/sql/repositories.h"

namespace bulkhead::api::sql {
namespace {

constexpr std::array<std::string_view, 5> kStateNames{"reserved", "begun", "done", "answered",
                                                      "withheld"};

// One comes, so one goes; more only where keptMax is smaller than it was.
constexpr std::uint32_t kPushedOutAtOnce = 32;

std::string_view nameOf(KeyState state) { return kStateNames.at(static_cast<std::size_t>(state)); }

// The schema allows no other name.
KeyState stateOf(std::string_view name) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i)
    if (kStateNames.at(i) == name) return static_cast<KeyState>(i);
  return KeyState::kBegun;  // nothing is known of it
}

RequestKey readKey(const Statement& row) {
  RequestKey key;
  key.id = row.text(0);
  key.caller = row.text(1);
  key.request = row.text(2);
  key.createdAt = row.integer(3);
  key.state = stateOf(row.view(4));
  key.reference = row.text(5);
  key.reply = {row.number<int>(6), row.text(7), row.text(8), row.text(9)};
  return key;
}

Result<Ok> expectKey(const Result<std::int64_t>& changed) {
  if (!changed.ok()) return changed.error();
  if (*changed == 0) return Error{Code::kInternal, "the key of this request is gone", ""};
  return Ok{};
}

}  // namespace

Result<Ok> SqlRequestKeys::add(const RequestKey& key, std::uint32_t keptMax) {
  auto last = connection_.prepare(
      "SELECT number FROM request_keys WHERE caller=? ORDER BY number DESC LIMIT 1", key.caller);
  TRY_ASSIGN(const bool any, last.step());
  const std::int64_t number = any ? last.integer(0) + 1 : 1;
  TRY(connection_.run(
      "INSERT INTO request_keys(id, caller, number, request, created_at, state, reference, "
      "status, location, etag, body) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
      key.id, key.caller, number, key.request, key.createdAt, nameOf(key.state), key.reference,
      key.reply.status, key.reply.location, key.reply.etag, key.reply.body));
  TRY(connection_.run(
      "DELETE FROM request_keys WHERE id IN (SELECT id FROM (SELECT id FROM request_keys "
      "WHERE caller=? AND number<=? ORDER BY number LIMIT ?) AS oldest)",
      key.caller, number - std::int64_t{keptMax}, kPushedOutAtOnce));
  return Ok{};
}

Result<Ok> SqlRequestKeys::mark(const std::string& id, KeyState state, std::string_view reference) {
  return expectKey(connection_.run("UPDATE request_keys SET state=?, reference=? WHERE id=?",
                                   nameOf(state), reference, id));
}

Result<Ok> SqlRequestKeys::end(const std::string& id, KeyState state, const KeptReply& reply) {
  return expectKey(connection_.run(
      "UPDATE request_keys SET state=?, status=?, location=?, etag=?, body=? WHERE id=?",
      nameOf(state), reply.status, reply.location, reply.etag, reply.body, id));
}

Result<Ok> SqlRequestKeys::remove(const std::string& id) {
  TRY(connection_.run("DELETE FROM request_keys WHERE id=?", id));
  return Ok{};
}

Result<Ok> SqlRequestKeys::forget(std::int64_t before, std::uint32_t atMost) {
  TRY(
      connection_.run("DELETE FROM request_keys WHERE id IN (SELECT id FROM (SELECT id FROM "
                      "request_keys WHERE created_at<? ORDER BY created_at LIMIT ?) AS oldest)",
                      before, atMost));
  return Ok{};
}

Result<std::optional<RequestKey>> SqlRequestKeys::find(const std::string& id) const {
  auto row = connection_.prepare(
      "SELECT id, caller, request, created_at, state, reference, status, location, etag, body "
      "FROM request_keys WHERE id=?",
      id);
  TRY_ASSIGN(const bool there, row.step());
  if (!there) return std::optional<RequestKey>();
  return std::optional<RequestKey>(readKey(row));
}

Result<std::uint32_t> SqlRequestKeys::countOf(const std::string& caller) const {
  auto row = connection_.prepare("SELECT count(*) FROM request_keys WHERE caller=?", caller);
  TRY(row.step());
  return row.number<std::uint32_t>(0);
}

}  // namespace bulkhead::api::sql
