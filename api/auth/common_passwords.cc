// Words, walks and repetitions.
#include "api/auth/common_passwords.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace bulkhead::api {
namespace {

// Sorted. What lists of leaked passwords are made of, once digits and disguises are taken away; a
// password that is made of these alone is refused.
constexpr std::array<std::string_view, 167> kWords{
    "a",        "abc",       "access",    "account",    "admin",      "administrator",
    "again",    "alexander", "amanda",    "andrea",     "andrew",     "angel",
    "anthony",  "apple",     "arsenal",   "asdf",       "ashley",     "austin",
    "autumn",   "baby",      "bailey",    "barcelona",  "baseball",   "basketball",
    "batman",   "bulkhead",  "butterfly", "change",     "changeit",   "changeme",
    "charlie",  "chelsea",   "chocolate", "computer",   "cookie",     "correcthorsebatterystaple",
    "dallas",   "daniel",    "december",  "default",    "diamond",    "dragon",
    "eagle",    "elizabeth", "enter",     "facebook",   "family",     "fender",
    "ferrari",  "flower",    "football",  "forever",    "freedom",    "friend",
    "friends",  "fuck",      "george",    "ginger",     "god",        "google",
    "hallo",    "hannah",    "harley",    "heaven",     "hello",      "host",
    "hosting",  "hunter",    "i",         "iloveyou",   "in",         "internet",
    "is",       "it",        "jasmine",   "jennifer",   "jessica",    "jesus",
    "jordan",   "joshua",    "justin",    "killer",     "let",        "letmein",
    "linux",    "liverpool", "login",     "london",     "love",       "lovely",
    "madison",  "maggie",    "manager",   "manchester", "master",     "matrix",
    "matthew",  "me",        "merlin",    "michael",    "michelle",   "monday",
    "money",    "monkey",    "mustang",   "my",         "mypassword", "mysql",
    "naruto",   "new",       "nicole",    "ninja",      "november",   "october",
    "one",      "orange",    "panel",     "pass",       "passwd",     "password",
    "passwort", "patrick",   "pepper",    "please",     "pokemon",    "princess",
    "private",  "purple",    "qazwsx",    "qwer",       "qwert",      "qwerty",
    "ranger",   "robert",    "root",      "samantha",   "secret",     "secure",
    "security", "september", "server",    "shadow",     "silver",     "slipknot",
    "soccer",   "spring",    "starwars",  "summer",     "sunday",     "sunshine",
    "super",    "superman",  "system",    "temp",       "test",       "testing",
    "the",      "this",      "thomas",    "trustno",    "user",       "welcome",
    "whatever", "winter",    "yankees",   "you",        "zaqwsx"};

static_assert(std::is_sorted(kWords.begin(), kWords.end()));

// Neighbours on a keyboard and in the alphabet.
constexpr std::array<std::string_view, 8> kWalks{
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
};

bool isLetter(char c) { return c >= 'a' && c <= 'z'; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// "P@ssw0rd" -> "password"
char undisguised(char c) {
  constexpr std::string_view kDisguise = "@430!1$57";
  constexpr std::string_view kMeant = "aaeoiisst";
  const std::size_t at = kDisguise.find(c);
  return at == std::string_view::npos ? c : kMeant[at];
}

// The letters between the digits and marks around them.
std::string lettersOf(const std::string& text) {
  const auto outer = [](char c) { return isLetter(c) || c == '@' || c == '$'; };
  const auto first = std::find_if(text.begin(), text.end(), outer);
  const auto last = std::find_if(text.rbegin(), text.rend(), outer).base();
  std::string letters;
  for (auto at = first; at < last; ++at)
    if (isLetter(undisguised(*at))) letters += undisguised(*at);
  return letters;
}

bool isWord(std::string_view text) {
  return std::binary_search(kWords.begin(), kWords.end(), text);
}

// One or more words and nothing else.
bool isMadeOfWords(const std::string& letters) {
  std::vector<bool> reached(letters.size() + 1);
  reached[0] = true;
  for (std::size_t begin = 0; begin < letters.size(); ++begin) {
    if (!reached[begin]) continue;
    for (std::size_t end = begin + 1; end <= letters.size(); ++end)
      if (isWord(std::string_view(letters).substr(begin, end - begin))) reached[end] = true;
  }
  return !letters.empty() && reached.back();
}

bool areNeighbours(char a, char b) {
  if (a == b) return true;
  const std::string there{a, b};
  const std::string back{b, a};
  return std::any_of(kWalks.begin(), kWalks.end(), [&](std::string_view walk) {
    return walk.find(there) != std::string_view::npos || walk.find(back) != std::string_view::npos;
  });
}

bool isWalk(const std::string& text) {
  std::size_t steps = 0;
  for (std::size_t i = 1; i < text.size(); ++i)
    if (areNeighbours(text[i - 1], text[i])) ++steps;
  // Three steps of four: a turn at the end of a row does not make it a secret.
  return steps * 4 >= (text.size() - 1) * 3;
}

bool isRepetition(const std::string& text) {
  constexpr std::size_t kUnitMax = 8;  // shorter than any password here may be
  for (std::size_t unit = 1; unit <= kUnitMax && unit * 2 <= text.size(); ++unit)
    if (text.size() % unit == 0 &&
        text.compare(unit, std::string::npos, text, 0, text.size() - unit) == 0)
      return true;
  return false;
}

}  // namespace

bool isCommonPassword(std::string_view text) {
  const std::string plain = lower(text);
  if (plain.size() < 2) return true;
  return isRepetition(plain) || isWalk(plain) || isMadeOfWords(lettersOf(plain));
}

}  // namespace bulkhead::api
