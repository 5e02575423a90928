// What names and contacts of people must look like.
#include <algorithm>
#include <array>

#include "api/usecases/people_impl.h"
#include "common/types/contact.h"
#include "common/types/person_name.h"

namespace bulkhead::api {

Result<Ok> checkContact(std::optional<std::string>& email,
                        const std::optional<std::string>& locale) {
  if (email.has_value()) {
    TRY_ASSIGN(const EmailAddress address, EmailAddress::parse(*email));
    email = address.text();
  }
  if (locale.has_value()) TRY(LocaleCode::parse(*locale));
  return Ok{};
}

Result<Ok> applyContact(const Patch<std::string>& newEmail,
                        const Patch<std::string>& newLocale,
                        std::optional<std::string>& email,
                        std::optional<std::string>& locale) {
  if (newEmail.has_value()) email = *newEmail;
  if (newLocale.has_value()) locale = *newLocale;
  return checkContact(email, locale);
}

Result<Ok> checkPersonName(const std::string& name, const char* field) {
  auto parsed = PersonName::parse(name);
  if (!parsed.ok()) return Error{parsed.error().code, parsed.error().message, field};
  // "root" is the main administrator's until he has another name, and "none", "local" and the like
  // stand for nobody or for everybody in the tools that read these names.
  constexpr std::array<std::string_view, 9> kReserved = {
      "root", "none", "null", "nobody", "anonymous", "everybody", "system", "local", "bulkhead"};
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end())
    return Error{Code::kInvalidArgument, "the name is reserved", field};
  return Ok{};
}

}  // namespace bulkhead::api
