// Asking, showing, keeping the new token.
#include "cli/step_up.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <iostream>

#include "cli/prompt.h"
#include "common/core/json.h"
#include "common/os/atomic_file.h"
#include "common/os/fd.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr const char* kProofPath = "/api/v1/sessions/current/proof";

std::string memberOf(const std::string& body, const char* name) {
  const auto value = parseJson(body, JsonLimits{});
  if (!value.ok() || !value->is_object()) return "";
  const auto found = value->find(name);
  return found != value->end() && found->is_string() ? found->get<std::string>() : "";
}

// As it was, with the new token in it.
bool keepToken(const std::string& path, const std::string& token) {
  const std::filesystem::path file(path);
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return false;
  const Fd parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) return false;
  const os::Ownership as{static_cast<mode_t>(info.st_mode & 07777U), info.st_uid, info.st_gid};
  return os::replaceFile(parent.get(), file.filename().string(), token + "\n", as).ok();
}

}  // namespace

std::string problemCodeOf(const Response& response) {
  return response.status < 400 ? "" : memberOf(response.body, "code");
}

Result<Response> proveWhoAsks(Endpoint& endpoint,
                              const std::string& tokenFile,
                              const Terminal& terminal) {
  std::cerr << "This asks for a proof that it is still you.\n";
  TRY_ASSIGN(const std::string password, readSecret("password", terminal));
  Json proof = {{"password", password}};
  const Client client(endpoint);
  TRY_ASSIGN(Response answer, client.send({"POST", kProofPath, printJson(proof)}));
  if (problemCodeOf(answer) == "second_factor_required") {
    TRY_ASSIGN(const std::string code, readSecret("code", terminal));
    proof["code"] = code;
    TRY_ASSIGN(answer, client.send({"POST", kProofPath, printJson(proof)}));
  }
  if (answer.status >= 400) return answer;
  const std::string token = memberOf(answer.body, "token");
  // Without one the request would be root's own, where root may ask.
  if (token.empty()) return Error{Code::kInternal, "the panel's proof has no token", ""};
  endpoint.token = token;
  if (!tokenFile.empty() && !keepToken(tokenFile, endpoint.token))
    std::cerr << "The session goes on under another token, and " << printable(tokenFile)
              << " cannot take it: log in again for the next command.\n";
  return answer;
}

}  // namespace bulkhead::cli
