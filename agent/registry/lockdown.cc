#include "agent/registry/lockdown.h"

#include <charconv>

namespace bulkhead::agent {

std::optional<Lockdown> lockdownOf(const Host& host) {
  const auto text = host.readFile(kLockdownFile);
  if (!text.ok() && text.error().code == Code::kNotFound) return std::nullopt;
  Lockdown lockdown;
  if (text.ok()) (void)std::from_chars(text->data(), text->data() + text->size(), lockdown.since);
  return lockdown;
}

}  // namespace bulkhead::agent
