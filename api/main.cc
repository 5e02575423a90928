// bulkhead-api: the REST server. Options, then either a document on stdout or serve().
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "api/boot/copy_task.h"
#include "api/boot/options.h"
#include "api/boot/serve.h"
#include "api/http/openapi.h"
#include "api/http/routes/routes.h"
#include "common/log/log.h"

namespace bulkhead::api {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int printed(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0
             ? 0
             : kFailed;
}

int ended(const Result<Ok>& result) {
  if (result.ok()) return 0;
  logLine(LogLevel::kCritical, result.error().message);
  return kFailed;
}

int printTable(Task task) {
  const auto table = makeRouteTable(Services{});
  if (!table.ok()) return ended(table.error());
  return printed(task == Task::kPrintRoutes ? routeList(*table) : openApiDocument(*table));
}

int run(const std::vector<std::string>& arguments) {
  const auto options = parseOptions(arguments);
  if (!options.ok()) {
    logLine(LogLevel::kError, options.error().message + "; try --help");
    return kUsage;
  }
  switch (options->task) {
    case Task::kServe:
      return ended(serve(*options));
    case Task::kCopyStore: {
      const auto copied = copyStores(*options);
      return copied.ok() ? printed(*copied) : ended(copied.error());
    }
    case Task::kPrintHelp:
      return printed(helpText());
    case Task::kPrintOpenApi:
    case Task::kPrintRoutes:
      return printTable(options->task);
  }
  return kFailed;
}

}  // namespace
}  // namespace bulkhead::api

int main(int argc, char** argv) {
  try {
    return bulkhead::api::run({argv + 1, argv + argc});
  } catch (const std::exception& fault) {
    bulkhead::logLine(bulkhead::LogLevel::kCritical, "fault", {{"what", fault.what()}});
    return 1;
  }
}
