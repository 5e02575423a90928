// XChaCha20-Poly1305 by libsodium, and the key's file.
#include "api/auth/factor_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "common/os/atomic_file.h"
#include "common/os/fd.h"

namespace bulkhead::api {
namespace {

constexpr mode_t kMode = 0600;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
using Bytes = std::vector<unsigned char>;

Error badKey(const char* why) {
  return Error{Code::kPermissionDenied, std::string(FactorKey::kFileName) + ": " + why, ""};
}

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hexOf(const Bytes& bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

}  // namespace

Result<FactorKey> FactorKey::load(const std::string& directory) {
  if (sodium_init() < 0) return Error{Code::kInternal, "libsodium does not start", ""};
  const Fd parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) return badKey("its directory cannot be opened");
  FactorKey key;
  randombytes_buf(key.key_.data(), key.key_.size());
  TRY_ASSIGN(const bool created,
             os::createFile(parent.get(), kFileName,
                            {reinterpret_cast<const char*>(key.key_.data()), kBytes}, kMode));
  key.new_ = created;
  if (created) return key;
  const Fd file(::openat(parent.get(), kFileName, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return badKey("cannot be opened");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return badKey("is no file");
  if (info.st_uid != ::geteuid() || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return badKey("others can read it");
  if (info.st_size != static_cast<off_t>(kBytes) ||
      ::read(file.get(), key.key_.data(), kBytes) != static_cast<ssize_t>(kBytes))
    return badKey("is not whole; without it nobody's second factor can be checked");
  return key;
}

FactorKey::~FactorKey() { sodium_memzero(key_.data(), key_.size()); }

std::string FactorKey::seal(std::string_view seed, std::string_view owner) const {
  Bytes out(kNonceBytes + seed.size() + kTagBytes);
  randombytes_buf(out.data(), kNonceBytes);
  (void)crypto_aead_xchacha20poly1305_ietf_encrypt(  // ignoring: it always answers 0
      out.data() + kNonceBytes, nullptr, bytesOf(seed), seed.size(), bytesOf(owner), owner.size(),
      nullptr, out.data(), key_.data());
  return hexOf(out);
}

Result<std::string> FactorKey::open(std::string_view sealed, std::string_view owner) const {
  const Error damaged{Code::kInternal, "a second factor cannot be read with this server's key", ""};
  Bytes in(sealed.size() / 2);
  std::size_t got = 0;
  if (sodium_hex2bin(in.data(), in.size(), sealed.data(), sealed.size(), nullptr, &got, nullptr) !=
          0 ||
      got != in.size() || got <= kNonceBytes + kTagBytes)
    return damaged;
  std::string seed(got - kNonceBytes - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(seed.data()), nullptr, nullptr, in.data() + kNonceBytes,
          got - kNonceBytes, bytesOf(owner), owner.size(), in.data(), key_.data()) != 0)
    return damaged;
  return seed;
}

}  // namespace bulkhead::api
