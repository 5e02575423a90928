// People, packages, PHP and databases; domains are in domains_document.cc.
#include "api/cpapi/documents.h"

#include <algorithm>

#include "common/cpapi/text.h"

namespace bulkhead::api {
namespace {

using cpapi::Fault;
using cpapi::Outcome;
using cpapi::put;
using cpapi::putNumber;
using cpapi::putString;
using cpapi::Query;
using cpapi::UserField;

// Of ids that CloudLinux gives resellers: above every uid, and below 2^31.
constexpr std::uint32_t kResellerIdBase = 1'000'000'000U;

Fault notFound(std::string_view why, std::string_view what) {
  return {Outcome::kNotFound, why, what};
}

template <typename Text>
void putOptional(std::string& out, const std::optional<Text>& text) {
  if (text && !text->empty())
    putString(out, *text);
  else
    put(out, "null");
}

std::string begun(std::string_view open) {
  std::string out(cpapi::kDataBegin);
  out += open;
  return out;
}

Documented ended(std::string out, std::string_view close) {
  put(out, close);
  put(out, cpapi::kDataEnd);
  return out;
}

// What stands between two entries; nothing before the first.
class Comma {
 public:
  void operator()(std::string& out) {
    if (any_) put(out, ",");
    any_ = true;
  }

 private:
  bool any_ = false;
};

// The condition "owned by NAME". False when nobody has the name.
Result<bool> ownedBy(const Directory& directory,
                     const Admins& admins,
                     std::string_view name,
                     Directory::Filter& filter) {
  if (const Administrator* admin = admins.find(name)) {
    filter.ownerAdmin = admin->main ? std::string() : admin->name;
    return true;
  }
  Directory::Filter wanted;
  wanted.name = std::string(name);
  bool found = false;
  TRY(directory.resellers(wanted, [&found](const Directory::Reseller&) { found = true; }));
  if (found) filter.ownerReseller = std::string(name);
  return found;
}

void putUser(std::string& out,
             const Directory::Account& account,
             const Admins& admins,
             cpapi::UserFields fields) {
  Comma comma;
  const auto key = [&](UserField field) {
    if (!fields.has(field)) return false;
    comma(out);
    putString(out, cpapi::userFieldName(field));
    put(out, ":");
    return true;
  };
  put(out, "{");
  if (key(UserField::kId)) putNumber(out, account.uid);
  if (key(UserField::kUsername)) putString(out, account.username);
  if (key(UserField::kOwner)) putString(out, admins.ownerName(account.owner));
  if (key(UserField::kDomain)) putString(out, account.mainDomain);
  if (key(UserField::kPackage)) {
    put(out, "{\"name\":");
    putString(out, account.plan);
    put(out, ",\"owner\":");
    putString(out, admins.ownerName(account.planOwner));
    put(out, "}");
  }
  if (key(UserField::kEmail)) putOptional(out, account.email);
  if (key(UserField::kLocaleCode)) putOptional(out, account.locale);
  put(out, "}");
}

// The condition "of this package"; false when there is none of that name and owner.
Result<bool> ofPackage(const Directory& directory,
                       const Admins& admins,
                       const Query& query,
                       Directory::Filter& filter) {
  Directory::Filter wanted;
  wanted.package = std::string(*query.packageName);
  bool found = false;
  TRY(directory.packages(wanted, [&](const Directory::Package& package) {
    if (admins.ownerName(package.owner) == *query.packageOwner) found = true;
  }));
  filter.package = wanted.package;
  return found;
}

void putAdmin(std::string& out, const Administrator& admin) {
  put(out, "{\"name\":");
  putString(out, admin.name);
  put(out, ",\"unix_user\":");
  putOptional(out, admin.unixUser);
  put(out, ",\"locale_code\":");
  putOptional(out, admin.locale);
  put(out, ",\"email\":");
  putOptional(out, admin.email);
  put(out, admin.main ? ",\"is_main\":true}" : ",\"is_main\":false}");
}

}  // namespace

// ---- administrators

Admins::Admins(std::vector<Administrator> all) : all_(std::move(all)) {
  std::sort(all_.begin(), all_.end(),
            [](const Administrator& a, const Administrator& b) { return a.name < b.name; });
  for (Administrator& admin : all_) {
    if (!admin.main) continue;
    main_ = admin.name;
    if (!admin.unixUser) admin.unixUser = "root";
  }
}

const Administrator* Admins::find(std::string_view name) const {
  const auto found = std::find_if(
      all_.begin(), all_.end(), [name](const Administrator& admin) { return admin.name == name; });
  return found == all_.end() ? nullptr : &*found;
}

bool Admins::haveUnixUser(std::string_view user) const {
  return std::any_of(all_.begin(), all_.end(),
                     [user](const Administrator& admin) { return admin.unixUser == user; });
}

Documented adminsDocument(const Admins& admins, const Query& query) {
  if (query.name && admins.find(*query.name) == nullptr)
    return notFound("there is no such administrator", *query.name);
  std::string out = begun("[");
  Comma comma;
  for (const Administrator& admin : admins.all()) {
    if (query.name && admin.name != *query.name) continue;
    if (query.isMain && admin.main != *query.isMain) continue;
    comma(out);
    putAdmin(out, admin);
  }
  return ended(std::move(out), "]");
}

// ---- users and packages

Documented usersDocument(const Directory& directory, const Admins& admins, const Query& query) {
  Directory::Filter filter;
  if (query.owner) {
    const auto known = ownedBy(directory, admins, *query.owner, filter);
    if (!known.ok()) return known.error();
    if (!*known) return notFound("there is no such owner", *query.owner);
  }
  if (query.packageName) {
    const auto known = ofPackage(directory, admins, query, filter);
    if (!known.ok()) return known.error();
    if (!*known) return notFound("its owner has no such package", *query.packageName);
  }
  if (query.username) filter.username = std::string(*query.username);
  filter.uid = query.unixId;
  std::string out = begun("[");
  if (!query.username && !query.unixId) {
    const auto sizes = directory.sizes();
    if (!sizes.ok()) return sizes.error();
    out.reserve(sizes->accounts * kUserBytes);
  }
  Comma comma;
  bool any = false;
  const auto listed = directory.accounts(filter, [&](const Directory::Account& account) {
    comma(out);
    any = true;
    putUser(out, account, admins, query.fields);
  });
  if (!listed.ok()) return listed.error();
  if (!any && query.username) return notFound("there is no such user", *query.username);
  if (!any && query.unixId) return notFound("there is no user of this id", {});
  return ended(std::move(out), "]");
}

Documented packagesDocument(const Directory& directory, const Admins& admins, const Query& query) {
  Directory::Filter filter;
  if (query.owner) {
    const auto known = ownedBy(directory, admins, *query.owner, filter);
    if (!known.ok()) return known.error();
    if (!*known) return notFound("there is no such owner", *query.owner);
  }
  std::string out = begun("[");
  Comma comma;
  const auto listed = directory.packages(filter, [&](const Directory::Package& package) {
    comma(out);
    put(out, "{\"name\":");
    putString(out, package.name);
    put(out, ",\"owner\":");
    putString(out, admins.ownerName(package.owner));
    put(out, "}");
  });
  if (!listed.ok()) return listed.error();
  return ended(std::move(out), "]");
}

Documented resellersDocument(const Directory& directory, const Query& query) {
  Directory::Filter filter;
  if (query.name) filter.name = std::string(*query.name);
  // An id below the range is nobody's: the number 0 is never given.
  if (query.id) filter.number = *query.id > kResellerIdBase ? *query.id - kResellerIdBase : 0;
  std::string out = begun("[");
  Comma comma;
  bool any = false;
  const auto listed = directory.resellers(filter, [&](const Directory::Reseller& reseller) {
    comma(out);
    any = true;
    put(out, "{\"name\":");
    putString(out, reseller.name);
    put(out, ",\"locale_code\":");
    putOptional(out, reseller.locale);
    put(out, ",\"email\":");
    putOptional(out, reseller.email);
    put(out, ",\"id\":");
    putNumber(out, kResellerIdBase + reseller.number);
    put(out, "}");
  });
  if (!listed.ok()) return listed.error();
  if (!any && query.name) return notFound("there is no such reseller", *query.name);
  if (!any && query.id) return notFound("there is no reseller of this id", {});
  return ended(std::move(out), "]");
}

// ---- databases and PHP

Documented databaseDocument(const Directory& directory, const std::optional<MysqlAccess>& access) {
  if (!access) return ended(begun("{\"mysql\":null"), "}");
  std::string out = begun("{\"mysql\":{\"access\":{\"login\":");
  putString(out, access->login);
  put(out, ",\"password\":");
  putString(out, access->password);
  put(out, ",\"host\":");
  putString(out, access->host);
  put(out, ",\"port\":");
  putNumber(out, access->port);
  put(out, "},\"mapping\":{");
  std::string user;
  const auto listed = directory.databaseUsers([&](const Directory::DatabaseUser& row) {
    if (row.username == user) {
      put(out, ",");
    } else {
      put(out, user.empty() ? "" : "],");
      user = row.username;
      putString(out, user);
      put(out, ":[");
    }
    putString(out, row.name);
  });
  if (!listed.ok()) return listed.error();
  return ended(std::move(out), user.empty() ? "}}}" : "]}}}");
}

Documented phpDocument(const PhpVersions& versions) {
  std::string out = begun("[");
  Comma comma;
  for (const AgentPhp& version : versions) {
    comma(out);
    Comma inner;
    put(out, "{");
    for (const auto& [name, value] :
         {std::pair("identifier", &version.identifier), std::pair("version", &version.version),
          std::pair("modules_dir", &version.modulesDir), std::pair("dir", &version.dir),
          std::pair("bin", &version.bin), std::pair("ini", &version.ini)}) {
      inner(out);
      putString(out, name);
      put(out, ":");
      putString(out, *value);
    }
    put(out, "}");
  }
  return ended(std::move(out), "]");
}

}  // namespace bulkhead::api
