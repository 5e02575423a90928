// For hosts where users cannot reach the socket: starts the entry that runs as root, by sudo, or
// inside CageFS by the stand-in that proxyexec puts in its place.
#pragma once
#include <span>
#include <string_view>

#include "cli/cpapi/deadline.h"
#include "cli/cpapi/document.h"

namespace bulkhead::cpapi {

// `arguments` are those of `domains`, each ended by a NUL. False when the entry could not be
// started or printed no document; its exit status becomes the outcome.
bool askElevated(std::span<char* const> arguments, const Deadline& deadline, Document& answer);

// The document in what a started program printed: PAM modules print banners in front of it. "" when
// there is none.
std::string_view documentIn(std::string_view printed);

}  // namespace bulkhead::cpapi
