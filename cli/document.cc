#include "cli/document.h"

#include <algorithm>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr const char* kCursorParameter = "cursor";  // what every list takes, and nothing else

// "#/components/schemas/NewAccount" -> the schema; other values are answered as they are.
const Json& resolve(const Json& document, const Json& schema) {
  if (!schema.contains("$ref")) return schema;
  std::string pointer = schema.at("$ref").get<std::string>();
  if (!pointer.empty() && pointer.front() == '#') pointer.erase(0, 1);
  return document.at(Json::json_pointer(pointer));
}

std::vector<std::string> wordsOf(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto space = std::min(text.find(' ', begin), text.size());
    if (space > begin) words.push_back(text.substr(begin, space - begin));
    begin = space + 1;
  }
  return words;
}

FieldType typeOf(const Json& schema) {
  const Json type = schema.value("type", Json("string"));
  const std::string name =
      type.is_array() && !type.empty() ? type.at(0).get<std::string>() : type.get<std::string>();
  if (name == "integer") return FieldType::kInteger;
  if (name == "boolean") return FieldType::kBoolean;
  if (name == "array") return FieldType::kStringList;
  return FieldType::kString;
}

Field fieldFrom(const std::string& name, const Json& schema, FieldPlace place, bool required) {
  Field field;
  field.name = name;
  field.type = typeOf(schema);
  field.place = place;
  const Json types = schema.value("type", Json());
  field.nullable =
      types.is_array() && std::find(types.begin(), types.end(), Json("null")) != types.end();
  field.required = required;
  field.secret = schema.value("writeOnly", false);
  field.description = schema.value("description", "");
  return field;
}

void addParameters(const Json& document, const Json& operation, Command& command) {
  for (const auto& item : operation.value("parameters", Json::array())) {
    const Json& parameter = resolve(document, item);
    const std::string in = parameter.at("in").get<std::string>();
    const std::string name = parameter.at("name").get<std::string>();
    if (in == "header" && name == "If-Match") command.conditional = true;
    if (in != "path" && in != "query") continue;  // other headers are the client's own business
    if (name == "dry_run") {
      command.dryRun = true;
      continue;
    }
    Field field = fieldFrom(name, resolve(document, parameter.at("schema")),
                            in == "path" ? FieldPlace::kPath : FieldPlace::kQuery,
                            parameter.value("required", false));
    if (field.description.empty()) field.description = parameter.value("description", "");
    command.list = command.list || name == kCursorParameter;
    command.fields.push_back(std::move(field));
  }
}

void addBody(const Json& document, const Json& operation, Command& command) {
  if (!operation.contains("requestBody")) return;
  const Json& content = operation.at("requestBody").at("content").at("application/json");
  const Json& schema = resolve(document, content.at("schema"));
  const Json required = schema.value("required", Json::array());
  for (const auto& [name, property] : schema.at("properties").items()) {
    const bool isRequired =
        std::find(required.begin(), required.end(), Json(name)) != required.end();
    command.fields.push_back(
        fieldFrom(name, resolve(document, property), FieldPlace::kBody, isRequired));
  }
}

Command commandFrom(const Json& document,
                    const std::string& path,
                    const std::string& method,
                    const Json& operation) {
  Command command;
  const Json& cli = operation.at("x-cli");
  command.words = wordsOf(cli.at("words").get<std::string>());
  command.positional = cli.value("positional", std::vector<std::string>{});
  command.recent = cli.value("recent", false);
  command.secret = cli.value("secret", "");
  command.columns = cli.value("columns", std::vector<std::string>{});
  command.path = path;
  for (char c : method)
    command.method += static_cast<char>(c - 'a' + 'A');
  command.summary = operation.value("summary", "");
  command.job = operation.value("x-job", false);
  command.destructive = operation.value("x-risk", "") == "destroy";
  const std::string replay = operation.value("x-replay", "");
  command.replayed = replay == "reply";
  command.keyed = command.replayed || replay == "never";
  addParameters(document, operation, command);
  addBody(document, operation, command);
  return command;
}

}  // namespace

Result<std::vector<Command>> commandsOf(std::string_view openapi) {
  JsonLimits limits;
  limits.bytes = 4U << 20U;  // our own document, not a client's
  limits.values = 500000;
  TRY_ASSIGN(const Json document, parseJson(openapi, limits));
  try {
    std::vector<Command> commands;
    for (const auto& [path, methods] : document.at("paths").items())
      for (const auto& [method, operation] : methods.items())
        if (operation.is_object() && operation.value("x-cli", Json()).is_object())
          commands.push_back(commandFrom(document, path, method, operation));
    return commands;
  } catch (const Json::exception&) {
    return Error{Code::kInternal, "the built-in API document is damaged", ""};
  }
}

}  // namespace bulkhead::cli
