// Scripts: who may run which script, and its document.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/cpapi/documents.h"
#include "api/cpapi/php_catalogue.h"
#include "api/store/store.h"
#include "api/usecases/admin_directory.h"
#include "api/usecases/cpapi.h"

namespace bulkhead::api {

// A finished document that many callers get while nothing has changed: the full lists are asked for
// again and again, and have megabytes.
class SharedDocument {
 public:
  // What it was made from: the store's count of changes, and the name that stands for "".
  struct Basis {
    std::uint64_t changes = 0;
    std::string mainName;
    bool operator==(const Basis&) const = default;
  };
  // Callers that come while it is being made wait for it.
  template <typename Make>
  std::variant<std::shared_ptr<const std::string>, cpapi::Fault, Error> get(const Basis& basis,
                                                                            Make make) {
    const std::lock_guard lock(mutex_);
    if (text_ && basis_ == basis) return text_;
    text_.reset();  // not two of them at once
    Documented made = make();
    if (const auto* fault = std::get_if<cpapi::Fault>(&made)) return *fault;
    if (const auto* error = std::get_if<Error>(&made)) return *error;
    text_ = std::make_shared<const std::string>(std::get<std::string>(std::move(made)));
    basis_ = basis;
    return text_;
  }

 private:
  std::mutex mutex_;
  Basis basis_;
  std::shared_ptr<const std::string> text_;
};

class UiTokens;

class Scripts final : public CpapiScripts {
 public:
  struct Options {
    uid_t root = 0;  // who may see everything; tests run as somebody else
    std::string stateDirectory;
  };
  Scripts(
      Store& store, AdminDirectory& admins, PhpCatalogue& php, UiTokens& tokens, Options options);

  ScriptAnswer run(cpapi::Script script,
                   std::span<const std::string_view> arguments,
                   uid_t caller) override;
  ScriptAnswer userInfo(std::string_view token) override;

 private:
  enum class Rights { kAll, kOwn };

  ScriptAnswer answer(const cpapi::Query& query, uid_t caller);
  // Administrators and root; everybody else has what is his. Without the data that would prove it,
  // nobody is an administrator.
  Rights rightsOf(uid_t caller, const Admins* admins);
  Result<Admins> readAdmins();
  ScriptAnswer documentFor(const cpapi::Query& query,
                           const Admins& admins,
                           const std::optional<std::uint32_t>& self);
  Documented make(const cpapi::Query& query,
                  const Admins& admins,
                  const std::optional<std::uint32_t>& self);

  Store& store_;
  AdminDirectory& admins_;
  PhpCatalogue& php_;
  UiTokens& tokens_;
  Options options_;
  SharedDocument allUsers_;
  SharedDocument allDomains_;
};

}  // namespace bulkhead::api
