// What a record has to agree with besides the chain, one witness each: keys, clock, anchors. All
// are shown every record that the chain allows, in order, and stay silent while it fits.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/audit/chain.h"
#include "common/audit/line_head.h"
#include "common/audit/verify.h"

namespace bulkhead {

class KeyWitness {
 public:
  explicit KeyWitness(const std::vector<AuditSeed>& seeds);
  std::optional<ChainFault> see(std::string_view line, const ChainLink& link, const LineHead& head);
  // After the last record: a seed by which nothing was sealed.
  bool missesKeys() const;
  std::uint64_t sealed() const { return sealed_; }
  const std::string& publicKey() const { return publicKey_; }

 private:
  bool begin(std::string_view line);  // a record of kKey
  std::vector<AuditKeys> given_;
  std::vector<bool> used_;
  std::optional<AuditKeys> keys_;  // in force; nothing when their seed is not known
  std::string publicKey_;
  std::uint64_t sealed_ = 0;
};

class ClockWitness {
 public:
  std::optional<ChainFault> see(const ChainLink& link, const LineHead& head);
  const std::vector<ClockNotice>& notices() const { return notices_; }

 private:
  bool started_ = false;
  AuditTime last_;
  std::string bootId_;
  std::vector<ClockNotice> notices_;
};

class AnchorWitness {
 public:
  explicit AnchorWitness(const std::vector<AuditAnchor>& anchors) : anchors_(anchors) {}
  // Takes the anchors of this record. `publicKey`: of the keys in force there.
  std::optional<ChainFault> see(const ChainLink& link, const std::string& publicKey);
  // After the last record: of the first anchor beyond it, 0 = there is none.
  std::uint64_t beyond() const;
  std::uint64_t lastGood() const { return lastGood_; }
  std::size_t matched() const { return next_; }

 private:
  const std::vector<AuditAnchor>& anchors_;
  std::size_t next_ = 0;
  std::uint64_t lastGood_ = 0;
};

}  // namespace bulkhead
