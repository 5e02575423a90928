#include "cli/pages.h"

#include <algorithm>
#include <charconv>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr JsonLimits kPageLimits{64U << 20U, 32, 2'000'000};  // a page of long records

constexpr long kCompletionSeconds = 2;  // somebody waits for the Tab key

// How many rows are wanted; nothing for a --limit that the panel is to refuse.
std::size_t rowsWanted(const Command& command, const Values& values) {
  const auto given = values.find("limit");
  if (given == values.end()) return command.recent ? kRecentRowsShown : kRowsShown;
  std::size_t rows = 0;
  const char* const end = given->second.data() + given->second.size();
  const auto [rest, problem] = std::from_chars(given->second.data(), end, rows);
  return problem == std::errc() && rest == end ? rows : 0;
}

std::string cursorOf(const Json& body) {
  const Json page = body.value("page", Json::object());
  const bool more = page.is_object() && page.value("has_more", false);
  return more && page.contains("next_cursor") && page.at("next_cursor").is_string()
             ? page.at("next_cursor").get<std::string>()
             : "";
}

}  // namespace

Result<Response> readPages(const Client& client, const Command& command, const Values& values) {
  Values asked = values;
  const std::size_t wanted = rowsWanted(command, values);
  Json all;
  for (;;) {
    const std::size_t have = all.is_object() ? all.at("data").size() : 0;
    if (wanted > 0) asked["limit"] = std::to_string(std::min(wanted - have, kPageRows));
    TRY_ASSIGN(const Request request, buildRequest(command, asked, /*dryRun=*/false));
    TRY_ASSIGN(Response response, client.send(request));
    if (response.status != 200) return response;
    TRY_ASSIGN(Json page, parseJson(response.body, kPageLimits));
    if (!page.is_object() || !page.contains("data") || !page.at("data").is_array())
      return Error{Code::kInternal, "the panel's answer is no list", ""};
    const std::size_t got = page.at("data").size();
    const std::string cursor = cursorOf(page);
    const bool first = !all.is_object();
    if (first) {
      all = std::move(page);
    } else {
      for (auto& row : page.at("data"))
        all["data"].push_back(std::move(row));
      all["page"] = page.value("page", Json());
    }
    // An empty page that promises more would be asked for without end.
    if (cursor.empty() || got == 0 || all.at("data").size() >= wanted) {
      if (!first) response.body = printJson(all);
      return response;
    }
    asked["cursor"] = cursor;
  }
}

std::vector<std::string> namesOf(const Client& client,
                                 const std::vector<Command>& commands,
                                 const std::string& noun) {
  const auto list = std::find_if(commands.begin(), commands.end(), [&noun](const Command& command) {
    return command.list && command.positional.empty() && !command.columns.empty() &&
           command.words == std::vector<std::string>{noun, "list"};
  });
  if (list == commands.end()) return {};
  const auto answer = client.send(
      {"GET", list->path + "?limit=" + std::to_string(kPageRows), "", kCompletionSeconds});
  if (!answer.ok() || answer->status != 200) return {};
  const auto body = parseJson(answer->body, kPageLimits);
  if (!body.ok() || !body->is_object()) return {};
  std::vector<std::string> names;
  for (const auto& row : body->value("data", Json::array())) {
    const std::string name = row.is_object() ? row.value(list->columns.front(), "") : "";
    if (!name.empty() && name == shellWord(name)) names.push_back(name);
  }
  return names;
}

std::string moreToSee(const Json& body) {
  const std::string cursor = body.is_object() ? cursorOf(body) : "";
  if (cursor.empty()) return "";
  return std::to_string(body.value("data", Json::array()).size()) +
         " shown, there are more: --limit N shows so many, --cursor " + shellWord(cursor) +
         " goes on";
}

}  // namespace bulkhead::cli
