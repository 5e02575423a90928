// Fuzz target of every type that text becomes by parse(): what is taken has one spelling, fits one
// line, and is taken again. The API's formats are the same types, so the API and the agent agree
// where these hold; the formats are asked too.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "api/http/format.h"
#include "common/core/json.h"
#include "common/types/address_range.h"
#include "common/types/contact.h"
#include "common/types/domain_name.h"
#include "common/types/host_names.h"
#include "common/types/person_name.h"
#include "common/types/plan_name.h"
#include "common/types/username.h"
#include "tests/fuzz/require.h"

namespace {

using namespace bulkhead;
using api::Format;
using fuzz::require;

// ASCII only, but for what people choose as they like.
enum class Letters { kAscii, kAny };

template <typename Type>
void check(std::string_view text, Format format, Letters letters) {
  const auto first = Type::parse(text);
  require(api::checkFormat(format, text).ok() == first.ok(), "the API asks for the same");
  if (!first.ok()) return;
  const std::string spelling(first->text());
  for (const char c : spelling)
    require(c < 0 || (c >= 0x20 && c != 0x7f), "no control character is taken");
  require(letters == Letters::kAny ||
              std::all_of(spelling.begin(), spelling.end(), [](char c) { return c > 0; }),
          "ASCII only");
  require(spelling.empty() || spelling.front() != '-', "nothing that an option begins with");
  const auto again = Type::parse(spelling);
  require(again.ok() && again->text() == spelling, "the spelling is taken again, as it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check<Username>(text, Format::kUsername, Letters::kAscii);
  check<DomainName>(text, Format::kDomain, Letters::kAscii);
  check<PersonName>(text, Format::kAdminName, Letters::kAscii);
  check<EmailAddress>(text, Format::kEmail, Letters::kAscii);
  check<LocaleCode>(text, Format::kLocale, Letters::kAscii);
  check<UnixUser>(text, Format::kUnixUser, Letters::kAscii);
  check<PhpIdentifier>(text, Format::kPhp, Letters::kAscii);
  check<DatabaseUserName>(text, Format::kDatabaseUser, Letters::kAscii);
  check<AddressRange>(text, Format::kAddressRange, Letters::kAscii);
  check<PlanName>(text, Format::kPlanName, Letters::kAny);
  if (const auto domain = DomainName::parse(text); domain.ok())
    require(DomainName::parse(domain->unicode()).ok(), "what people are shown is the same domain");
  return 0;
}
