#include "api/auth/secret_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/os/atomic_file.h"
#include "common/os/fd.h"

namespace bulkhead::api {
namespace {

constexpr mode_t kMode = 0600;

}  // namespace

SecretFile::~SecretFile() { sodium_memzero(bytes.data(), bytes.size()); }

Result<SecretFile> loadSecretFile(const std::string& directory,
                                  const std::string& name,
                                  const std::string& withoutIt) {
  const auto bad = [&name](const std::string& why) {
    return Error{Code::kPermissionDenied, name + ": " + why, ""};
  };
  if (sodium_init() < 0) return Error{Code::kInternal, "libsodium does not start", ""};
  const Fd parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) return bad("its directory cannot be opened");
  SecretFile secret;
  randombytes_buf(secret.bytes.data(), secret.bytes.size());
  TRY_ASSIGN(secret.isNew,
             os::createFile(
                 parent.get(), name,
                 {reinterpret_cast<const char*>(secret.bytes.data()), secret.bytes.size()}, kMode));
  if (secret.isNew) return secret;
  const Fd file(::openat(parent.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return bad("cannot be opened");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return bad("is no file");
  if (info.st_uid != ::geteuid() || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return bad("others can read it");
  if (info.st_size != static_cast<off_t>(secret.bytes.size()) ||
      ::read(file.get(), secret.bytes.data(), secret.bytes.size()) !=
          static_cast<ssize_t>(secret.bytes.size()))
    return bad("is not whole; without it " + withoutIt);
  return secret;
}

}  // namespace bulkhead::api
