// The commands of `bulkhead` are read from the OpenAPI document that the route table prints
// (docs/openapi.json, compiled in): a route with an x-cli extension is a command. API, documents
// and command line can therefore not disagree.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::cli {

enum class FieldType { kString, kInteger, kBoolean, kStringList };
enum class FieldPlace { kPath, kQuery, kBody };

struct Field {
  std::string name;  // as in the API: "memory_bytes"
  FieldType type = FieldType::kString;
  FieldPlace place = FieldPlace::kBody;
  bool required = false;
  bool secret = false;  // read from stdin, never from an argument
  std::string description;
  bool nullable = false;  // "null", or an empty value, takes it away
};

struct Command {
  std::vector<std::string> words;       // {"account", "create"}
  std::vector<std::string> positional;  // names of fields given without a flag, in order
  std::vector<std::string>
      columns;         // fields of the answer that a table shows; empty = the first ones
  std::string secret;  // field of the answer that is shown once: alone on stdout; "" = none
  std::string method;  // "POST"
  std::string path;    // "/api/v1/accounts/{account}"
  std::string summary;
  bool job = false;          // answers 202 with a job
  bool dryRun = false;       // takes ?dry_run=true
  bool destructive = false;  // asks for --yes on a terminal
  bool list = false;         // answers page by page
  bool recent = false;       // a list that grows for ever, newest first
  bool conditional = false;  // honours If-Match
  bool keyed = false;        // knows a repetition by its Idempotency-Key
  bool replayed = false;     // and answers it as it did the first time
  std::vector<Field> fields;
};

// kInternal when the document is not what this program was built with.
Result<std::vector<Command>> commandsOf(std::string_view openapi);
// The document that this program was built with.
std::string_view builtInDocument();

}  // namespace bulkhead::cli
