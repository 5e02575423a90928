#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <vector>

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr std::size_t kColumnsMax = 9;  // wider tables do not fit a terminal
constexpr std::size_t kCellWidthMax = 48;

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

// Bytes of the UTF-8 character at `at`; 0 for a byte that begins none, or whose rest is missing.
std::size_t characterLength(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t length = first < 0x80U                     ? 1
                             : first >= 0xc2U && first < 0xe0U ? 2
                             : first >= 0xe0U && first < 0xf0U ? 3
                             : first >= 0xf0U && first < 0xf5U ? 4
                                                               : 0;
  if (at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!isContinuation(text[at + i])) return 0;
  return length;
}

// C0 and DEL, and C1, whose 0x9b begins an escape sequence as ESC [ does.
bool isControl(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20U || first == 0x7fU;
  return first == 0xc2U && static_cast<unsigned char>(character[1]) < 0xa0U;
}

std::size_t widthOf(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !isContinuation(c); }));
}

std::string cell(const std::string& key, const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return printable(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  const bool isBytes = key.size() > 6 && key.compare(key.size() - 6, 6, "_bytes") == 0;
  if (value.is_number_integer() && isBytes) {
    const auto bytes = value.get<std::int64_t>();
    return bytes == 0 ? "unlimited" : humanBytes(static_cast<std::uint64_t>(bytes));
  }
  if (value.is_number()) return value.dump();
  if (value.is_object())
    for (const char* telling : {"name", "code"})  // who it is, or how it went
      if (value.contains(telling)) return printable(value.value(telling, ""));
  if (value.is_array()) return std::to_string(value.size());
  return printable(printJson(value));
}

std::string lines(const Json& object, const std::string& indent);

// A text of several lines, such as a file's difference: below its name, each line made printable.
std::string block(const std::string& text, const std::string& indent) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    out += indent + printable(text.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return out;
}

bool isBlock(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().find('\n') != std::string::npos;
}

std::vector<std::string> columnsOf(const Json& item) {
  std::vector<std::string> columns;
  for (const auto& [key, value] : item.items())
    if (!value.is_array() && (!value.is_object() || value.contains("name")) &&
        columns.size() < kColumnsMax)
      columns.push_back(key);
  return columns;
}

std::string rows(const Json& data, const std::vector<std::string>& wanted) {
  if (data.empty()) return "(none)\n";
  if (!data.at(0).is_object()) return lines(Json{{"data", data}}, "");
  const std::vector<std::string> columns = wanted.empty() ? columnsOf(data.at(0)) : wanted;
  std::vector<std::size_t> widths;
  std::vector<std::vector<std::string>> table;
  std::vector<std::string> head;
  for (const auto& column : columns) {
    head.push_back(column);
    for (char& c : head.back())
      c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    widths.push_back(widthOf(column));
  }
  table.push_back(head);
  for (const auto& item : data) {
    std::vector<std::string> row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      row.push_back(cell(columns[i], item.value(columns[i], Json())));
      widths[i] = std::max(widths[i], std::min(widthOf(row.back()), kCellWidthMax));
    }
    table.push_back(std::move(row));
  }
  std::string out;
  for (const auto& row : table) {
    for (std::size_t i = 0; i < row.size(); ++i)
      out += i + 1 == row.size() ? row[i] : padded(row[i], widths[i]) + "  ";
    out += '\n';
  }
  return out;
}

std::string lines(const Json& object, const std::string& indent) {
  std::size_t width = 0;
  for (const auto& [key, value] : object.items())
    width = std::max(width, key.size());
  std::string out;
  for (const auto& [key, value] : object.items()) {
    if (value.is_array() && !value.empty() && value.at(0).is_object()) {
      out += indent + key + ":\n";
      for (const auto& item : value)
        out += lines(item, indent + "  ") + (item == value.back() ? "" : indent + "  --\n");
    } else if (value.is_array()) {
      std::string joined;
      for (const auto& item : value)
        joined += (joined.empty() ? "" : ", ") + cell(key, item);
      out += indent + padded(key, width) + "  " + (joined.empty() ? "-" : joined) + "\n";
    } else if (value.is_object() && !value.contains("name")) {
      out += indent + key + ":\n" + lines(value, indent + "  ");
    } else if (isBlock(value)) {
      out += indent + key + ":\n" + block(value.get<std::string>(), indent + "  ");
    } else {
      out += indent + padded(key, width) + "  " + cell(key, value) + "\n";
    }
  }
  return out;
}

// "/api/v1/accounts/bob" -> "account"; "" for what has no list.
std::string nounOf(const Json& problem) {
  for (const auto& field : problem.value("errors", Json::array()))
    if (field.value("pointer", "") == "/plan") return "plan";
  constexpr std::string_view kRoot = "/api/v1/";
  std::string path = problem.value("instance", "");
  if (!path.starts_with(kRoot)) return "";
  path = path.substr(kRoot.size());
  const std::string noun = path.substr(0, path.find('/'));
  for (const std::string_view known : {"plan", "account", "domain", "job"})
    if (noun == std::string(known) + "s") return std::string(known);
  return "";
}

std::string nextStep(const Json& problem) {
  const std::string code = problem.value("code", "");
  if (code == "unavailable") return "look at: systemctl status bulkhead-api bulkhead-agent";
  if (code == "unauthenticated")
    return "run as root on the server, or give --host and --token-file";
  if (code == "permission_denied") return "the rule above says what is missing";
  if (code == "not_found" && !nounOf(problem).empty())
    return "see what exists with: bulkhead " + nounOf(problem) + " list";
  if (code == "busy" || code == "timeout")
    return "try again in a moment; the job goes on: bulkhead job list";
  if (code == "limit_exceeded") return "compare with the plan: bulkhead plan list";
  if (code == "audit_unavailable") return "free space under /var/log/bulkhead; nothing was changed";
  return "";
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = characterLength(text, at);
    const auto character = text.substr(at, std::max<std::size_t>(length, 1));
    if (length == 0 || isControl(character)) {
      out += '?';
    } else {
      out += character;
    }
    at += character.size();
  }
  return out;
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t have = widthOf(text);
  return have >= width ? text : text + std::string(width - have, ' ');
}

ExitCode complain(const Error& error, std::string_view next) {
  std::cerr << "error: " << printable(error.message) << "\n";
  if (!next.empty()) std::cerr << "  next: " << printable(next) << "\n";
  return exitCodeFor(error.code);
}

Terminal Terminal::detect() {
  Terminal terminal;
  terminal.outIsTerminal = ::isatty(STDOUT_FILENO) == 1;
  terminal.errorIsTerminal = ::isatty(STDERR_FILENO) == 1;
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  terminal.colour = terminal.errorIsTerminal && !dumb && std::getenv("NO_COLOR") == nullptr;
  return terminal;
}

std::string humanBytes(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  const bool whole = value == static_cast<double>(static_cast<std::uint64_t>(value));
  (void)std::snprintf(text, sizeof text, whole ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text;
}

std::string renderTable(const Json& body, const std::vector<std::string>& columns) {
  if (body.is_object() && body.contains("data") && body.at("data").is_array())
    return rows(body.at("data"), columns);
  if (body.is_object()) return lines(body, "");
  return printJson(body) + "\n";
}

std::string renderProblem(const Json& problem) {
  const std::string title = problem.value("title", "the request failed");
  std::string detail = problem.value("detail", "");
  std::string fields;
  for (const auto& field : problem.value("errors", Json::array())) {
    std::string name = field.value("pointer", field.value("parameter", field.value("header", "")));
    const std::string why = field.value("detail", "");
    if (detail == why || detail == name + ": " + why) detail.clear();  // said below, with the field
    if (name.starts_with('/')) name.erase(0, 1);
    const bool namesItself = why.starts_with(name + ": ");
    fields += "  " + printable(namesItself ? why : name + ": " + why) + "\n";
  }
  std::string out = "error: " + printable(title);
  if (!detail.empty() && detail != title) out += ": " + printable(detail);
  out += '\n' + fields;
  const std::string next = nextStep(problem);
  if (!next.empty()) out += "  next: " + next + "\n";
  const std::string request = problem.value("request_id", "");
  if (!request.empty()) out += "  request: " + printable(request) + "\n";
  return out;
}

ExitCode exitCodeForProblem(const Json& problem, int status) {
  const std::string code = problem.value("code", "");
  const Code known = codeFromName(code);
  if (known != Code::kInternal) return exitCodeFor(known);
  if (status == 401 || status == 403) return ExitCode::kDenied;
  if (status == 404) return ExitCode::kNotFound;
  if (status == 409 || status == 412 || status == 428) return ExitCode::kConflict;
  if (status == 429 || status == 413) return ExitCode::kLimit;
  if (status == 503 || status == 504) return ExitCode::kUnreachable;
  if (status == 400 || status == 415 || status == 422) return ExitCode::kUsage;
  return ExitCode::kFailed;
}

}  // namespace bulkhead::cli
