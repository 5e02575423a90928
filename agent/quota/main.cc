// bulkhead-quota: project quotas of a file system, read and set. It is a program of its own,
// started by the agent as a unit of systemd's (agent/host/apart.h), because the kernel asks for
// CAP_SYS_ADMIN here and nowhere else in what the agent does.
//
//   bulkhead-quota get DIRECTORY PROJECT
//   bulkhead-quota set DIRECTORY PROJECT BYTES INODES     0 = unlimited
//
// Both print the limits and the use afterwards (projectUsageText). Exit codes: 0 done, 1 failed,
// 2 wrong usage, 3 the file system has no project quotas.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "common/core/number.h"
#include "common/os/open.h"
#include "common/os/project_quota.h"

namespace {

using namespace bulkhead;

constexpr int kFailed = 1;
constexpr int kUsage = 2;

struct Request {
  bool sets = false;
  std::string directory;
  std::uint32_t project = 0;
  std::uint64_t bytesMax = 0;
  std::uint64_t inodesMax = 0;
};

Result<Request> parse(const std::vector<std::string>& arguments) {
  const Error wrong{Code::kInvalidArgument,
                    "usage: bulkhead-quota get DIRECTORY PROJECT, or set DIRECTORY PROJECT BYTES "
                    "INODES",
                    ""};
  if (arguments.size() < 3) return wrong;
  Request request;
  request.sets = arguments[0] == "set";
  if (!request.sets && arguments[0] != "get") return wrong;
  request.directory = arguments[1];
  const auto project = parseNumber<std::uint32_t>(arguments[2]);
  if (!project || *project == 0) return wrong;  // project 0 is everybody's
  request.project = *project;
  if (arguments.size() != (request.sets ? 5U : 3U)) return wrong;
  if (!request.sets) return request;
  const auto bytes = parseNumber<std::uint64_t>(arguments[3]);
  const auto inodes = parseNumber<std::uint64_t>(arguments[4]);
  if (!bytes || !inodes) return wrong;
  request.bytesMax = *bytes;
  request.inodesMax = *inodes;
  return request;
}

Result<ProjectUsage> perform(const Request& request) {
  TRY_ASSIGN(const auto directory, os::openDirectoryInRoots(request.directory));
  if (request.sets)
    TRY(writeProjectQuota(directory.get(), request.project, request.bytesMax, request.inodesMax));
  return readProjectQuota(directory.get(), request.project);
}

int exitCodeFor(const Error& error) {
  switch (error.code) {
    case Code::kInvalidArgument:
      return kUsage;
    case Code::kUnsupported:
      return kQuotaUnsupported;
    default:
      return kFailed;
  }
}

}  // namespace

int main(int count, char** values) {
  const auto request = parse({values + 1, values + count});
  const auto usage = request.ok() ? perform(*request) : Result<ProjectUsage>(request.error());
  if (!usage.ok()) {
    std::cerr << usage.error().message << '\n';
    return exitCodeFor(usage.error());
  }
  std::cout << projectUsageText(*usage);
  return std::cout.flush() ? 0 : kFailed;
}
