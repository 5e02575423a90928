// A small panel that answers from recorded documents, written apart from the checks that judge it:
// its own grammar, its own filters. Tests bend its answers to see whether a check notices.
#pragma once
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/cloudlinux/script_run.h"
#include "cli/cloudlinux/world.h"
#include "common/core/json.h"
#include "tests/paths.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli::cloudlinux {

inline const std::map<std::string, uid_t>& fakeAccounts() {
  static const std::map<std::string, uid_t> kAccounts = {
      {"root", 0},    {"alice", 1001}, {"bob", 1002},    {"carol", 1003},  {"dave", 1004},
      {"rita", 1005}, {"zoe", 1006},   {"opsadm", 1050}, {"nobody", 65534}};
  return kAccounts;
}

class FakeHost : public HostView {
 public:
  std::optional<Person> person(const std::string& name) const override {
    const auto found = fakeAccounts().find(name);
    if (found == fakeAccounts().end()) return std::nullopt;
    return Person{name, found->second, found->second, {}, "/home/" + name};
  }
  std::string read(const std::string& path) const override {
    const auto found = files.find(path);
    return found == files.end() ? "" : found->second;
  }
  std::optional<struct stat> look(const std::string& path) const override {
    const auto found = stats.find(path);
    if (found != stats.end()) return found->second;
    struct stat info = {};
    info.st_mode = path.find("cpapi") != std::string::npos ? S_IFREG | 0755 : S_IFDIR | 0755;
    if (path.ends_with(".ini")) info.st_mode = S_IFREG | 0644;
    return info;
  }
  std::map<std::string, std::string> files = {
      {"/etc/login.defs", "# x\nUID_MIN 1000\nUID_MAX\t\t60000\n"},
      {"/etc/passwd", "root:x:0:0\n"}};
  std::map<std::string, struct stat> stats;
};

class FakePanel : public Scripts {
 public:
  FakePanel() {
    for (const auto* name : {"panel_info", "db_info", "packages", "users", "domains",
                             "domains_with_php", "resellers", "admins", "php"}) {
      std::ifstream file(std::string(BULKHEAD_SOURCE_DIR) + "/tests/unit/cli/cloudlinux/recorded/" +
                         name + ".json");
      data[name] = Json::parse(file).at("data");
    }
  }
  static std::string ini() {
    std::string text = "[integration_scripts]\n";
    for (const auto name : kScriptNames)
      text += std::string(name) + " = /opt/fake/cpapi " + std::string(name) + "\n";
    return text + "\n[lvemanager_config]\nui_user_info = /opt/fake/cpapi-ui\nrun_service = 0\n";
  }

  ScriptRun run(const ScriptCall& call) override {
    ++calls;
    auto answered = answer(call);
    if (bend) bend(call, answered);
    return answered;
  }

  static ScriptRun ok(const Json& body) {
    ScriptRun run;
    run.milliseconds = 1;
    run.out = Json{{"data", body}, {"metadata", {{"result", "ok"}}}}.dump() + "\n";
    return run;
  }
  static ScriptRun error(const std::string& kind, const std::string& message, int code) {
    ScriptRun run;
    run.milliseconds = 1;
    run.exitCode = code;
    run.out =
        Json{{"data", nullptr}, {"metadata", {{"result", kind}, {"message", message}}}}.dump() +
        "\n";
    return run;
  }
  static ScriptRun bad() { return error("BadRequest", "wrong arguments", 3); }
  static ScriptRun denied() { return error("PermissionDenied", "not yours", 2); }
  static ScriptRun notFound() { return error("NotFound", "no such thing", 4); }

  std::map<std::string, Json> data;
  std::function<void(const ScriptCall&, ScriptRun&)> bend;
  int calls = 0;

 private:
  using Options = std::map<std::string, std::string>;

  // Long options with their short letters; "!" marks a flag.
  static std::map<std::string, std::string> grammar(const std::string& script) {
    if (script == "packages") return {{"owner", "o"}};
    if (script == "users")
      return {{"owner", "o"},   {"package-name", ""}, {"package-owner", ""},
              {"username", ""}, {"unix-id", ""},      {"fields", ""}};
    if (script == "domains") return {{"owner", "o"}, {"name", "n"}, {"with-php", "!"}};
    if (script == "resellers") return {{"id", ""}, {"name", "n"}};
    if (script == "admins") return {{"name", "n"}, {"is-main", "m"}};
    return {};
  }

  static std::optional<Options> parse(const std::vector<std::string>& words, std::size_t first) {
    const auto known = grammar(words[0]);
    Options options;
    for (auto i = first; i < words.size(); ++i) {
      std::string name;
      std::optional<std::string> value;
      if (words[i].starts_with("--")) {
        const auto equals = words[i].find('=');
        name = words[i].substr(2, equals == std::string::npos ? equals : equals - 2);
        if (equals != std::string::npos) value = words[i].substr(equals + 1);
      } else if (words[i].size() > 1 && words[i][0] == '-') {
        for (const auto& [longName, letter] : known)
          if (letter == words[i].substr(1, 1)) name = longName;
        if (words[i].size() > 2) value = words[i].substr(2);
      }
      if (known.count(name) == 0 || options.count(name) != 0) return std::nullopt;
      if (known.at(name) == "!") {
        if (value) return std::nullopt;
        value = "1";
      } else if (!value) {
        if (++i >= words.size()) return std::nullopt;
        value = words[i];
      }
      if (value->empty()) return std::nullopt;
      options[name] = *value;
    }
    return options;
  }

  static bool isNumber(const std::string& text) {
    return text.find_first_not_of("0123456789") == std::string::npos && text.size() <= 10 &&
           std::stoull(text) <= 0xffffffffULL;
  }

  static std::optional<std::vector<std::string>> fieldsOf(const std::string& text) {
    std::vector<std::string> fields;
    std::string item;
    for (const char c : text + ",") {
      if (c != ',') {
        item += c;
        continue;
      }
      const std::string all = "/id/username/owner/domain/package/email/locale_code/";
      if (item.empty() || all.find("/" + item + "/") == std::string::npos) return std::nullopt;
      fields.push_back(item);
      item.clear();
    }
    return fields;
  }

  static bool wellFormed(const std::string& script, const Options& options) {
    const auto has = [&](const char* name) { return options.count(name) != 0; };
    if (has("package-name") != has("package-owner")) return false;
    const int filters = has("owner") + has("package-name") + has("username") + has("unix-id") +
                        has("name") + has("id") + has("is-main");
    if (filters > 1) return false;
    if (has("unix-id") && !isNumber(options.at("unix-id"))) return false;
    if (has("id") && !isNumber(options.at("id"))) return false;
    if (has("fields") && !fieldsOf(options.at("fields"))) return false;
    if (has("is-main")) {
      auto word = options.at("is-main");
      for (char& c : word)
        c = static_cast<char>(std::tolower(c));
      if (word != "true" && word != "false") return false;
    }
    return script != "";
  }

  bool isOwner(const std::string& name) const {
    for (const auto* list : {"admins", "resellers"})
      for (const auto& row : data.at(list))
        if (row.at("name") == name) return true;
    return false;
  }

  ScriptRun answerUsers(const Options& options) const {
    Json rows = Json::array();
    bool known = options.count("username") == 0 && options.count("unix-id") == 0;
    if (options.count("owner") != 0 && !isOwner(options.at("owner"))) return notFound();
    if (options.count("package-name") != 0) {
      known = false;
      for (const auto& row : data.at("packages"))
        known = known || (row.at("name") == options.at("package-name") &&
                          row.at("owner") == options.at("package-owner"));
    }
    for (const auto& row : data.at("users")) {
      if (options.count("owner") != 0 && row.at("owner") != options.at("owner")) continue;
      if (options.count("username") != 0 && row.at("username") != options.at("username")) continue;
      if (options.count("unix-id") != 0 &&
          std::to_string(row.at("id").get<int>()) != options.at("unix-id"))
        continue;
      if (options.count("package-name") != 0 &&
          (row.at("package").is_null() ||
           row.at("package").at("name") != options.at("package-name") ||
           row.at("package").at("owner") != options.at("package-owner")))
        continue;
      known = true;
      Json shown = row;
      if (options.count("fields") != 0) {
        shown = Json::object();
        const auto fields = fieldsOf(options.at("fields"));
        for (const auto& field : *fields)
          shown[field] = row.at(field);
      }
      rows.push_back(shown);
    }
    return known ? ok(rows) : notFound();
  }

  ScriptRun answerDomains(const Options& options, const Person& person) const {
    std::string wanted = options.count("name") != 0 ? options.at("name") : "";
    if (wanted == "пример.example" || wanted == "испытание.example")
      wanted = "xn--e1afmkfd.example";
    for (char& c : wanted)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!wanted.empty() && wanted.back() == '.') wanted.pop_back();
    if (person.uid != 0) {
      if (options.count("owner") != 0 && options.at("owner") != person.name) return denied();
    } else if (options.count("owner") != 0) {
      bool exists = false;
      for (const auto& row : data.at("users"))
        exists = exists || row.at("username") == options.at("owner");
      if (!exists) return notFound();
    }
    Json kept = Json::object();
    for (const auto& [domain, entry] :
         data.at(options.count("with-php") != 0 ? "domains_with_php" : "domains").items()) {
      if (person.uid != 0 && entry.at("owner") != person.name) continue;
      if (options.count("owner") != 0 && entry.at("owner") != options.at("owner")) continue;
      if (!wanted.empty() && domain != wanted) continue;
      kept[domain] = entry;
    }
    if (!wanted.empty() && kept.empty()) return person.uid != 0 ? denied() : notFound();
    return ok(kept);
  }

  ScriptRun answerList(const std::string& script, const Options& options) const {
    if (options.count("owner") != 0 && !isOwner(options.at("owner"))) return notFound();
    Json rows = Json::array();
    for (const auto& row : data.at(script)) {
      if (options.count("owner") != 0 && row.at("owner") != options.at("owner")) continue;
      if (options.count("name") != 0 && row.at("name") != options.at("name")) continue;
      if (options.count("id") != 0 &&
          (row.at("id").is_null() ||
           std::to_string(row.at("id").get<std::uint64_t>()) != options.at("id")))
        continue;
      if (options.count("is-main") != 0 &&
          row.at("is_main") != (std::tolower(options.at("is-main")[0]) == 't'))
        continue;
      rows.push_back(row);
    }
    const bool named = options.count("name") != 0 || options.count("id") != 0;
    return named && rows.empty() ? notFound() : ok(rows);
  }

  ScriptRun answer(const ScriptCall& call) const {
    const auto script = call.arguments.at(0);
    const auto options = parse(call.arguments, 1);
    if (!options || !wellFormed(script, *options)) return bad();
    const bool isOpen = script == "panel_info" || script == "domains";
    if (!isOpen && call.person.uid != 0) return denied();
    if (script == "domains") return answerDomains(*options, call.person);
    if (script == "users") return answerUsers(*options);
    if (grammar(script).empty()) return ok(data.at(script));
    return answerList(script, *options);
  }
};

}  // namespace bulkhead::cli::cloudlinux
