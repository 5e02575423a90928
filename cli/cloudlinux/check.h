// What is checked, as data: each check is one row of a table. Adding one is adding a row; the
// machinery that runs and judges them is elsewhere and the same for all.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/cloudlinux/finding.h"
#include "cli/cloudlinux/script_run.h"

namespace bulkhead::cli::cloudlinux {

class World;

// Who starts the script. Everybody but root is an end user to it.
enum class As {
  kRoot,
  kUser,       // an end user of the panel
  kOther,      // a second one
  kStranger,   // a system account that the panel does not know
  kReseller,   // the system account of a reseller, where one has one
  kCage,       // the end user, inside the cage
  kCageOther,  // the second one, inside the cage
};
std::string_view asName(As as);

struct CastNames {  // "": picked from the answers
  std::string user;
  std::string other;
  std::string stranger;
};

enum class Want {
  kOk,  // and the data that follow from root's unfiltered answers
  kBadRequest,
  kPermissionDenied,
  kNotFound,
  kOkOrDenied,        // both are allowed; when ok, the data are compared
  kDeniedOrNotFound,  // a refusal that depends on nothing the caller may not know
  kRefused,           // any of the three: which is a matter of limits
  kAlive,             // only that no signal ends it and it does not hang
};

// A rule over everything that is known by then; answers what breaks it.
using Rule = std::vector<std::string> (*)(const World& world);

// Words in braces ("{user}") in arguments and environment stand for what World::word() knows. A row
// that needs one which this panel does not have is skipped, with the word as the reason.
struct Check {
  std::string_view name;     // unique; a sentence about what a right panel does
  std::string_view section;  // of the integration document this rests on
  Severity severity = Severity::kStated;
  Rule rule = nullptr;  // set: no script is started, and of the rest only `needs` counts
  As as = As::kRoot;
  std::string_view script = {};
  std::vector<std::string_view> arguments = {};
  Want want = Want::kOk;
  std::vector<std::string_view> environment = {};
  Streams streams = Streams::kGood;
  std::string_view directory = "/";
  // The name of an earlier row from whose answer this one must not differ by more than the words
  // the caller gave.
  std::string_view like = {};
  // The answers of root without which a rule has nothing to say; it is skipped then.
  std::vector<std::string_view> needs = {};
};

std::vector<Check> hostChecks();         // the file, the scripts on disk
std::vector<Check> documentChecks();     // root's unfiltered answers, which all others rest on
std::vector<Check> crossChecks();        // what must agree between them
std::vector<Check> domainCrossChecks();  // the part of them about domains and PHP
std::vector<Check> argumentChecks();     // root, with good and bad arguments
std::vector<Check> endUserChecks();      // everybody else, outside and inside the cage
std::vector<Check> hostileChecks();      // claims of another identity, broken surroundings
std::vector<Check> closingChecks();      // what is known only at the end

}  // namespace bulkhead::cli::cloudlinux
