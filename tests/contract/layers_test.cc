// Who may include whom. The picture is docs/architecture.md; here it is data, and a line that
// breaks it fails.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/paths.h"

namespace bulkhead {
namespace {

namespace fs = std::filesystem;

struct Include {
  std::string from;  // "agent/ops/account/create.cc"
  std::string what;  // "common/core/result.h" or "pistache/http.h"
};

const std::vector<std::string> kRooms = {"common", "agent", "api", "cli"};

std::vector<Include> includes() {
  const fs::path root = BULKHEAD_SOURCE_DIR;
  const std::regex pattern(R"re(^\s*#\s*include\s+["<]([^">]+)[">])re");
  std::vector<Include> found;
  for (const auto& room : kRooms) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      const auto extension = entry.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      std::ifstream file(entry.path());
      std::string line;
      std::smatch match;
      while (std::getline(file, line))
        if (std::regex_search(line, match, pattern))
          found.push_back({fs::relative(entry.path(), root).string(), match[1]});
    }
  }
  return found;
}

bool below(const std::string& path, const std::string& folder) {
  return path.compare(0, folder.size() + 1, folder + "/") == 0;
}
bool belowAny(const std::string& path, const std::vector<std::string>& folders) {
  for (const auto& folder : folders)
    if (below(path, folder) || path == folder) return true;
  return false;
}

// Each room, and the rooms it may look into. A room may always look into itself.
const std::map<std::string, std::vector<std::string>> kMayInclude = {
    {"common/core", {}},
    {"common/cpapi", {}},
    {"common/types", {"common/core"}},
    {"common/log", {"common/core"}},
    {"common/os", {"common/core"}},
    {"common/rpc", {"common/core"}},
    {"common/audit", {"common/core", "common/os"}},
    {"agent/host", {"common", "agent/registry"}},
    {"agent/registry", {"common", "agent/host"}},
    {"agent/ops", {"common", "agent/host", "agent/registry", "agent/audit"}},
    {"agent/audit", {"common"}},
    {"agent/policy", {"common"}},
    {"agent/worker", {"common", "agent/host", "agent/ops"}},
    {"agent/gate",
     {"common", "agent/host", "agent/registry", "agent/ops", "agent/policy", "agent/audit",
      "agent/worker"}},
    {"agent/quota", {"common"}},  // a program of its own
    {"agent/main.cc", {"common", "agent"}},
    {"api/store", {"common", "api/usecases"}},
    {"api/agent_client", {"common", "api/usecases"}},
    {"api/jobs", {"common", "api/usecases", "api/store", "api/agent_client"}},
    {"api/usecases", {"common", "api/store", "api/jobs", "api/agent_client"}},
    {"api/auth", {"common", "api/store", "api/usecases"}},
    {"api/cpapi", {"common", "api/usecases", "api/store", "api/auth", "api/agent_client"}},
    {"api/sandbox", {"common"}},
    {"api/http", {"common", "api/usecases", "api/auth"}},
    {"api/boot", {"common", "api"}},
    {"api/main.cc", {"common", "api"}},
    {"cli", {"common"}},
    {"cli/cpapi", {"common/cpapi"}},
};

// Libraries that stay inside one place, so that they can be replaced there and nowhere else.
const std::map<std::string, std::vector<std::string>> kLibraryHomes = {
    {"pistache", {"api/http"}},
    {"capnp",
     {"common/rpc", "agent", "api/agent_client", "cli/agent_admin.cc", "cli/agent_call.h",
      "cli/audit_explain.cc", "cli/audit_explain.h", "cli/doctor/agent.cc"}},
    {"kj",
     {"common/rpc", "agent", "api/agent_client", "cli/agent_admin.cc", "cli/agent_call.h",
      "cli/audit_explain.cc", "cli/audit_explain.h", "cli/doctor/agent.cc"}},
    {"sqlite3.h", {"api/store/sqlite"}},
    {"cppconn", {"api/store/mariadb"}},
    {"mysql_driver.h", {"api/store/mariadb"}},
    {"mysql_connection.h", {"api/store/mariadb"}},
    {"liboath", {"api/auth"}},
    {"seccomp.h", {"api/sandbox", "agent/worker"}},
    {"curl", {"cli"}},
    {"CLI", {"cli"}},
    {"valijson", {"cli/cloudlinux"}},
    {"regex", {}},  // takes exponential time and the stack; what is read is parsed
};

using Faults = std::set<std::string>;

Faults layerFaults(const std::vector<Include>& all) {
  Faults faults;
  for (const auto& [from, what] : all) {
    if (!belowAny(what, kRooms)) continue;
    std::string room;
    for (const auto& [name, allowed] : kMayInclude)
      if ((below(from, name) || from == name) && name.size() > room.size()) room = name;
    if (room.empty()) {
      faults.insert(from + " is in a folder that the picture does not know");
      continue;
    }
    if (below(what, room) || belowAny(what, kMayInclude.at(room))) continue;
    faults.insert(from + " must not include " + what);
  }
  return faults;
}

Faults libraryFaults(const std::vector<Include>& all) {
  Faults faults;
  for (const auto& [from, what] : all)
    for (const auto& [library, homes] : kLibraryHomes)
      if ((below(what, library) || what == library) && !belowAny(from, homes))
        faults.insert(from + " must not include " + what);
  return faults;
}

TEST(Layers, EveryFolderLooksOnlyWhereItMay) { EXPECT_EQ(layerFaults(includes()), Faults{}); }

TEST(Layers, LibrariesStayAtHome) { EXPECT_EQ(libraryFaults(includes()), Faults{}); }

TEST(Layers, ALineInTheWrongPlaceIsFound) {
  EXPECT_GT(includes().size(), 1000U);
  const std::vector<Include> wrong{{"common/core/result.h", "agent/host/host.h"},
                                   {"agent/host/real_host.cc", "api/store/store.h"},
                                   {"api/http/router.cc", "api/store/store.h"},
                                   {"cli/cpapi/main.cc", "common/os/fd.h"},
                                   {"agent/new/room.cc", "common/core/result.h"},
                                   {"api/usecases/panel.h", "pistache/http.h"},
                                   {"api/auth/admin_store.cc", "sqlite3.h"},
                                   {"agent/main.cc", "pistache/net.h"},
                                   {"common/types/username.cc", "regex"}};
  EXPECT_EQ(layerFaults(wrong).size() + libraryFaults(wrong).size(), wrong.size());
  EXPECT_EQ(layerFaults({{"agent/ops/host/inspect.cc", "agent/host/host.h"}}), Faults{});
  EXPECT_EQ(libraryFaults({{"api/http/server.cc", "pistache/net.h"}}), Faults{});
}

TEST(Layers, NoFileIsLongerThanFourHundredLines) {
  const fs::path root = BULKHEAD_SOURCE_DIR;
  for (const auto& room : kRooms) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      std::ifstream file(entry.path());
      std::string line;
      int lines = 0;
      while (std::getline(file, line))
        ++lines;
      EXPECT_LE(lines, 400) << fs::relative(entry.path(), root);
    }
  }
}

bool callsAShell(const std::string& line) {
  static const std::regex pattern(
      R"re((^|[^A-Za-z0-9_.>])(system|popen|execl|execlp|execle|execvp|execvpe|posix_spawnp|wordexp|dlopen)\s*\()re");
  return std::regex_search(line.substr(0, line.find("//")), pattern);
}

TEST(Layers, NothingCallsAShellOrSearchesAPath) {
  for (const char* call : {"system(x)", "std::system(x);", "  ::popen (x, y)", "=execvp(a, b)"})
    EXPECT_TRUE(callsAShell(call)) << call;
  for (const char* call : {"os::execve(x)", "fs_system(x)", "host.system(x)", "// system(x)"})
    EXPECT_FALSE(callsAShell(call)) << call;
  const fs::path root = BULKHEAD_SOURCE_DIR;
  for (const auto& room : kRooms) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      std::ifstream file(entry.path());
      std::string line;
      for (int number = 1; std::getline(file, line); ++number) {
        EXPECT_FALSE(callsAShell(line))
            << fs::relative(entry.path(), root) << ":" << number << ": " << line;
      }
    }
  }
}

}  // namespace
}  // namespace bulkhead
