#include "common/audit/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include "common/os/atomic_file.h"

namespace bulkhead {
namespace {

// A slot is a block of its own, so that a torn write of one never touches the other.
constexpr std::size_t kSlotBytes = 4096;
constexpr int kSlots = 2;
constexpr std::string_view kMagic = "BHAUDIT1";
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kPayloadBytes = kMagic.size() + kNumberBytes + 1 + 2 * kAuditSecretBytes;
static_assert(kPayloadBytes + crypto_hash_sha256_BYTES <= kSlotBytes);

using Slot = std::array<unsigned char, kSlotBytes>;

class WipedSlot {
 public:
  WipedSlot() = default;
  WipedSlot(const WipedSlot&) = delete;
  WipedSlot& operator=(const WipedSlot&) = delete;
  ~WipedSlot() { sodium_memzero(bytes.data(), bytes.size()); }
  Slot bytes{};
};

void fill(Slot& slot, const AuditKeys& keys) {
  auto at = std::copy(kMagic.begin(), kMagic.end(), slot.begin());
  for (std::size_t i = 0; i < kNumberBytes; ++i)
    *at++ = static_cast<unsigned char>(keys.epoch >> (8 * i));
  *at++ = keys.shown ? 1 : 0;
  at = std::copy(keys.mac.bytes().begin(), keys.mac.bytes().end(), at);
  at = std::copy(keys.signing.bytes().begin(), keys.signing.bytes().end(), at);
  crypto_hash_sha256(at, slot.data(), kPayloadBytes);
}

AuditSecret secretAt(const unsigned char* at) {
  AuditSecret::Bytes bytes{};
  std::copy(at, at + kAuditSecretBytes, bytes.begin());
  AuditSecret secret(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return secret;
}

std::optional<AuditKeys> read(const Slot& slot) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> check{};
  crypto_hash_sha256(check.data(), slot.data(), kPayloadBytes);
  if (!std::equal(kMagic.begin(), kMagic.end(), slot.begin()) ||
      !std::equal(check.begin(), check.end(), slot.begin() + kPayloadBytes))
    return std::nullopt;
  const unsigned char* at = slot.data() + kMagic.size();
  std::uint64_t epoch = 0;
  for (std::size_t i = 0; i < kNumberBytes; ++i)
    epoch |= static_cast<std::uint64_t>(*at++) << (8 * i);
  const bool shown = *at++ == 1;
  AuditKeys keys = auditKeysOf(secretAt(at), secretAt(at + kAuditSecretBytes));
  keys.epoch = epoch;
  keys.shown = shown;
  return keys;
}

Result<Ok> put(const Fd& file, int slot, const Slot& bytes) {
  const auto offset = static_cast<off_t>(slot) * static_cast<off_t>(kSlotBytes);
  ssize_t written = -1;
  do {
    written = ::pwrite(file.get(), bytes.data(), bytes.size(), offset);
  } while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(bytes.size()) || ::fdatasync(file.get()) != 0)
    return Error{Code::kAuditUnavailable, "cannot write the keys of the audit log", ""};
  return Ok{};
}

}  // namespace

Result<Ok> AuditKeyFile::create(const std::string& path, const AuditKeys& keys) {
  const std::size_t slash = path.rfind('/');
  const Fd directory(::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  WipedSlot slot;
  fill(slot.bytes, keys);
  std::string content(reinterpret_cast<const char*>(slot.bytes.data()), kSlotBytes);
  content.resize(kSlots * kSlotBytes);
  const auto created = os::createFile(directory.get(), path.substr(slash + 1), content, 0600);
  sodium_memzero(content.data(), content.size());
  TRY(created);
  if (!created.value()) return Error{Code::kAlreadyExists, path + " exists", ""};
  return Ok{};
}

Result<AuditKeyFile> AuditKeyFile::open(const std::string& path) {
  AuditKeyFile file;
  file.file_ = Fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.file_ && errno == ENOENT) return Error{Code::kNotFound, "there is no " + path, ""};
  struct stat info {};
  if (!file.file_ || ::fstat(file.file_.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return Error{Code::kUnavailable, "cannot open " + path, ""};
  std::optional<AuditKeys> newest;
  for (int slot = 0; slot < kSlots; ++slot) {
    WipedSlot bytes;
    const auto offset = static_cast<off_t>(slot) * static_cast<off_t>(kSlotBytes);
    if (::pread(file.file_.get(), bytes.bytes.data(), kSlotBytes, offset) !=
        static_cast<ssize_t>(kSlotBytes))
      continue;
    const auto keys = read(bytes.bytes);
    if (!keys || (newest && newest->epoch >= keys->epoch)) continue;
    newest = keys;
    file.slot_ = slot;
  }
  if (!newest) return Error{Code::kConflict, path + " holds no keys that can be believed", ""};
  file.keys_ = *newest;
  return file;
}

Result<Ok> AuditKeyFile::store() {
  const int next = 1 - slot_;
  WipedSlot bytes;
  fill(bytes.bytes, keys_);
  TRY(put(file_, next, bytes.bytes));
  const int old = slot_;
  slot_ = next;
  return put(file_, old, Slot{});
}

Result<Ok> AuditKeyFile::wipe() {
  for (int slot = 0; slot < kSlots; ++slot)
    TRY(put(file_, slot, Slot{}));
  return Ok{};
}

}  // namespace bulkhead
