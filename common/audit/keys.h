// Keys of the audit log. A seed is shown once and kept off the host; the host keeps only what is
// derived from it one way: the key of this epoch, which every checkpoint replaces by its successor,
// and the key that signs anchors. Docs: docs/adr/0013-audit-keys-evolve.md.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

inline constexpr std::size_t kAuditSecretBytes = 32;

// Overwritten when it goes out of scope.
class AuditSecret {
 public:
  using Bytes = std::array<unsigned char, kAuditSecretBytes>;
  AuditSecret() = default;
  explicit AuditSecret(const Bytes& bytes) : bytes_(bytes) {}
  AuditSecret(const AuditSecret&) = default;
  AuditSecret& operator=(const AuditSecret&) = default;
  ~AuditSecret();
  const Bytes& bytes() const { return bytes_; }
  // HMAC-SHA-256 with this secret as the key.
  AuditSecret derive(std::string_view label) const;

 private:
  Bytes bytes_{};
};

// What the host holds.
struct AuditKeys {
  AuditSecret mac;             // K of this epoch
  AuditSecret signing;         // Ed25519 seed; the same as long as the keys live
  std::string publicKey = {};  // of it, 64 hexadecimal digits: names these keys
  std::uint64_t epoch = 0;     // checkpoints since the first record of these keys
  bool shown = false;          // somebody was given the seed; otherwise nobody has it

  std::string macHex(std::string_view hashHex) const;  // 64 hexadecimal digits
  std::string sign(std::string_view text) const;       // 128 hexadecimal digits
  void evolve();                                       // one way
};
AuditKeys auditKeysOf(const AuditSecret& mac, const AuditSecret& signing);  // of epoch 0
bool isSignedBy(std::string_view publicKey, std::string_view text, std::string_view signature);

class AuditSeed {
 public:
  static AuditSeed make();
  // Refuses (kInvalidArgument) anything else than text() gave, a typing error included. Its message
  // never repeats the text.
  static Result<AuditSeed> parse(std::string_view text);
  std::string text() const;
  AuditKeys keys() const;  // of epoch 0

 private:
  explicit AuditSeed(const AuditSecret& secret) : secret_(secret) {}
  AuditSecret secret_;
};

}  // namespace bulkhead
