#include "agent/host/vhost.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "agent/host/engine.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kStemMax = 200;  // leaves room for ".log.14.gz" and for temporary names
constexpr std::size_t kVhostBytesMax = 64U << 10U;  // 101 names of 253 bytes take 27 kB
constexpr const char* kLogDirectory = "/var/log/nginx/domlogs/";
constexpr const char* kShared = "/usr/share/bulkhead/nginx/";
constexpr std::string_view kTitle = "# bulkhead-site uid=";

const char* modeName(SiteMode mode) {
  switch (mode) {
    case SiteMode::kServe:
      return "serve";
    case SiteMode::kSuspended:
      return "suspended";
  }
  return "suspended";
}

Error malformed(const std::string& why) { return Error{Code::kInternal, "vhost: " + why, ""}; }

// The words of Nginx's grammar without quotes, escapes and variables, none of which we ever write:
// a file that has one of them is not ours.
Result<std::vector<std::string>> words(std::string_view text) {
  std::vector<std::string> found;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) found.push_back(std::exchange(word, ""));
  };
  for (const char byte : text) {
    if (byte == ' ' || byte == '\n') {
      finish();
    } else if (byte == ';' || byte == '{' || byte == '}') {
      finish();
      found.emplace_back(1, byte);
    } else if (byte <= 0x20 || byte >= 0x7f ||
               std::string_view("\"'\\$#").find(byte) != std::string_view::npos) {
      return malformed("a character that is never written");
    } else {
      word += byte;
    }
  }
  finish();
  return found;
}

// Takes words one after another and remembers whether all were as expected.
class Reader {
 public:
  explicit Reader(std::vector<std::string> words) : words_(std::move(words)) {}
  bool take(std::string_view expected) { return next() == expected; }
  bool takeAll(std::initializer_list<std::string_view> expected) {
    return std::all_of(expected.begin(), expected.end(),
                       [this](std::string_view word) { return take(word); });
  }
  std::string next() { return at_ < words_.size() ? words_[at_++] : ""; }
  bool atEnd() const { return at_ == words_.size(); }

 private:
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

std::string logPath(const DomainName& domain) { return kLogDirectory + fileStem(domain) + ".log"; }

std::string upstream(uid_t uid) {
  return "http://unix:" + engine::siteDirectory(uid) + "/web.sock:";
}

struct Title {
  uid_t uid = 0;
  SiteMode mode = SiteMode::kServe;
};

Result<Title> parseTitle(std::string_view line) {
  if (!line.starts_with(kTitle)) return malformed("no title");
  line.remove_prefix(kTitle.size());
  Title title;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), title.uid);
  if (failure != std::errc() || title.uid < kUidFirst || title.uid > kUidLast)
    return malformed("no managed uid");
  const std::string_view rest(end, static_cast<std::size_t>(line.data() + line.size() - end));
  for (const auto mode : {SiteMode::kServe, SiteMode::kSuspended}) {
    if (rest != std::string(" mode=") + modeName(mode)) continue;
    title.mode = mode;
    return title;
  }
  return malformed("no mode");
}

Result<std::vector<DomainName>> takeNames(Reader& reader) {
  std::vector<DomainName> names;
  for (auto word = reader.next(); word != ";"; word = reader.next()) {
    auto name = DomainName::parse(word);
    // A name must also be in its one canonical form, or two files could hold the same site.
    if (!name.ok() || name->text() != word) return malformed("a name that is none");
    names.push_back(*name);
    if (names.size() > kAliasesMax + 1) return malformed("too many names");
  }
  if (names.empty()) return malformed("no name");
  return names;
}

}  // namespace

Result<Vhost> Vhost::of(const SiteRecord& site, const Identity& who) {
  if (site.account != who.username) return malformed("the site belongs to another account");
  TRY_ASSIGN(auto domain, DomainName::parse(site.domain));
  Vhost vhost{std::move(domain), {}, site.mode, who.uid};
  for (const auto& text : site.aliases) {
    TRY_ASSIGN(auto alias, DomainName::parse(text));
    vhost.aliases.push_back(std::move(alias));
  }
  return vhost;
}

std::string renderVhost(const Vhost& vhost) {
  std::string text = std::string(kTitle) + std::to_string(vhost.uid) +
                     " mode=" + modeName(vhost.mode) + "\nserver {\n" +
                     "    listen 80;\n    listen [::]:80;\n    server_name\n        " +
                     vhost.domain.text();
  for (const auto& alias : vhost.aliases)
    text += "\n        " + alias.text();
  text += ";\n    access_log " + logPath(vhost.domain) + ";\n";
  if (vhost.mode == SiteMode::kServe) {
    text += "    location / {\n        proxy_pass " + upstream(vhost.uid) +
            ";\n        proxy_set_header X-Bulkhead-Site " + vhost.domain.text() +
            ";\n        include " + kShared + "proxy.conf;\n    }\n    include " + kShared +
            "site.conf;\n}\n";
  } else {
    text += std::string("    include ") + kShared + "suspended.conf;\n}\n";
  }
  return text;
}

Result<Vhost> parseVhost(std::string_view text) {
  if (text.size() > kVhostBytesMax) return malformed("too long");
  const auto lineEnd = text.find('\n');
  if (lineEnd == std::string_view::npos) return malformed("no title");
  TRY_ASSIGN(const auto title, parseTitle(text.substr(0, lineEnd)));
  TRY_ASSIGN(auto all, words(text.substr(lineEnd + 1)));
  Reader reader(std::move(all));
  if (!reader.takeAll({"server", "{", "listen", "80", ";", "listen", "[::]:80", ";"}) ||
      !reader.take("server_name"))
    return malformed("does not begin as a site does");
  TRY_ASSIGN(auto names, takeNames(reader));
  Vhost vhost{names.front(), {names.begin() + 1, names.end()}, title.mode, title.uid};
  if (!reader.takeAll({"access_log", logPath(vhost.domain), ";"}))
    return malformed("another access log");
  const std::string shared = kShared;
  if (vhost.mode == SiteMode::kServe) {
    if (!reader.takeAll({"location", "/", "{", "proxy_pass", upstream(vhost.uid), ";"}) ||
        !reader.takeAll({"proxy_set_header", "X-Bulkhead-Site", vhost.domain.text(), ";"}) ||
        !reader.takeAll({"include", shared + "proxy.conf", ";", "}"}) ||
        !reader.takeAll({"include", shared + "site.conf", ";"}))
      return malformed("another way to the account");
  } else if (!reader.takeAll({"include", shared + "suspended.conf", ";"})) {
    return malformed("another suspension");
  }
  if (!reader.take("}") || !reader.atEnd()) return malformed("text after its end");
  return vhost;
}

std::string fileStem(const DomainName& domain) {
  const auto& name = domain.text();
  if (name.size() <= kStemMax) return name;
  std::array<unsigned char, 16> hash{};
  (void)crypto_generichash(hash.data(), hash.size(),
                           reinterpret_cast<const unsigned char*>(name.data()), name.size(),
                           nullptr, 0);  // ignoring: fails only for wrong sizes
  std::string text = name.substr(0, kStemMax - 2 * hash.size() - 1) + "_";
  for (const auto byte : hash) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return text;
}

}  // namespace bulkhead::agent
