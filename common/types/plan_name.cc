#include "common/types/plan_name.h"

namespace bulkhead {
namespace {

constexpr std::string_view kIdPrefix = "pln_";
constexpr char32_t kNone = 0xffffffff;

bool isInvisible(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff0 && c <= 0xffff) || c >= 0xe0000;
}

// The code point at `at`, which moves behind it; kNone for what is not the shortest valid UTF-8.
char32_t nextCodePoint(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return ++at, lead;
  if (lead < 0xc2 || lead > 0xf4) return kNone;
  const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t value = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= text.size()) return kNone;
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xc0U) != 0x80) return kNone;
    value = (value << 6U) | (next & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return kNone;
  at += length;
  return value;
}

}  // namespace

Result<PlanName> PlanName::parse(std::string_view text) {
  const auto refuse = [](const char* why) {
    return Error{Code::kInvalidArgument, std::string("a plan name ") + why, "name"};
  };
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const char32_t c = nextCodePoint(text, at);
    if (c == kNone || isInvisible(c) || c == '/')
      return refuse("has visible characters only, without '/'");
  }
  if (count == 0 || count > kMaxCharacters) return refuse("has 1 to 64 characters");
  if (text.front() == ' ' || text.back() == ' ')
    return refuse("does not begin or end with a space");
  // CloudLinux's tools hear of it as an argument.
  if (text.front() == '-') return refuse("does not begin with '-'");
  if (text.substr(0, kIdPrefix.size()) == kIdPrefix) return refuse("does not begin with \"pln_\"");
  return PlanName(std::string(text));
}

}  // namespace bulkhead
