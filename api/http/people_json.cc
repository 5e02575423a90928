// People as JSON: resellers, administrators, and the users of databases.
#include "api/http/model_json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr std::int64_t kCountMax = INT64_MAX;

Schema contactField(const char* what) { return Schema::text(what).nullable(); }
Json orNull(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }
Json orNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace

Schema resellerSchema() {
  return Schema::object(
      "Reseller", "Somebody who owns hosting accounts and plans of the panel.",
      {required("id", Schema::text("Id, never reused.")),
       required("name", Schema::text("Unique name; no administrator has it.", Format::kAdminName)),
       required("host_id",
                Schema::integer("What the host's tools know the reseller as; never reused.", 0,
                                UINT32_MAX)),
       required("state", Schema::choice("A disabled one cannot log in, nor use a token.",
                                        {"active", "disabled"})),
       required("email", contactField("Where mail reaches the reseller; null = not told.")),
       required("locale", contactField("Language; null = not told.")),
       required("account", contactField("Name of its own hosting account; null = none.")),
       required("account_id", contactField("Id of its own hosting account; null = none.")),
       required("owner", Schema::text("The administrator who owns the reseller.")),
       required("accounts_max",
                Schema::integer("Accounts it may own; 0 is unlimited.", 0, kCountMax)),
       required("created_at", timestampSchema("When it was created.")),
       required("revision", Schema::integer("Counts changes; the ETag.", 0, kCountMax))});
}

Json toJson(const Reseller& reseller) {
  Json out = Json::object();
  out["id"] = reseller.id;
  out["name"] = reseller.name;
  out["host_id"] = reseller.hostId();
  out["state"] = reseller.disabled ? "disabled" : "active";
  out["email"] = orNull(reseller.email);
  out["locale"] = orNull(reseller.locale);
  out["account"] = orNull(reseller.accountName);
  out["account_id"] = orNull(reseller.accountId);
  out["owner"] = reseller.owner;
  out["accounts_max"] = reseller.accountsMax;
  out["created_at"] = timestamp(reseller.createdAt);
  out["revision"] = reseller.revision;
  return out;
}

Schema administratorSchema() {
  return Schema::object(
      "Administrator", "An administrator of the panel.",
      {required("id", Schema::text("Id, never reused.")),
       required("username", Schema::text("Name to log in with; no reseller has it.")),
       required("role", Schema::text("What it may do: main, or admin.")),
       required("state", Schema::choice("A disabled one cannot log in, nor use a token.",
                                        {"active", "disabled"})),
       required("email", contactField("Where mail reaches the administrator; null = not told.")),
       required("locale", contactField("Language; null = not told.")),
       required("unix_user",
                contactField("Whom the host knows the administrator as; null = nobody.")),
       required("created_at", timestampSchema("When it was created.")),
       required("revision", Schema::integer("Counts changes; the ETag.", 0, kCountMax))});
}

Json toJson(const Administrator& admin) {
  Json out = Json::object();
  out["id"] = admin.id;
  out["username"] = admin.name;
  out["role"] = admin.main ? "main" : "admin";
  out["state"] = admin.disabled ? "disabled" : "active";
  out["email"] = orNull(admin.email);
  out["locale"] = orNull(admin.locale);
  out["unix_user"] = orNull(admin.unixUser);
  out["created_at"] = timestamp(admin.createdAt);
  out["revision"] = admin.revision;
  return out;
}

Schema databaseUserSchema() {
  return Schema::object("DatabaseUser", "A user of the host's database server.",
                        {required("name", Schema::text("Unique on this host.")),
                         required("account_id", Schema::text("The account whose it is.")),
                         required("created_at", timestampSchema("When it was added."))});
}

Json toJson(const DatabaseUser& user) {
  Json out = Json::object();
  out["name"] = user.name;
  out["account_id"] = user.accountId;
  out["created_at"] = timestamp(user.createdAt);
  return out;
}

}  // namespace bulkhead::api
