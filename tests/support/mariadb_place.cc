#include "tests/support/mariadb_place.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

#include "tests/paths.h"
#include "tests/support/run_program.h"

namespace bulkhead::testing {
namespace {

using api::mariadb::Connection;

void run(std::vector<std::string> arguments) {
  const std::string verb = arguments.front();
  arguments.insert(arguments.begin(), BULKHEAD_SOURCE_DIR "/tests/support/mariadb_server");
  if (runToItsEnd(arguments) != 0) throw std::runtime_error("mariadb_server " + verb);
}

void command(const std::string& serverPath, const std::string& sql) {
  auto opened = Connection::open(mariadbAccess(serverPath, "mysql"), Connection::Use::kMigrating);
  if (!opened.ok()) throw std::runtime_error(opened.error().message);
  const auto done = (*opened)->command(sql);
  if (!done.ok()) throw std::runtime_error(done.error().message);
}

}  // namespace

void MariadbServer::start(const std::vector<std::string>& options) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0711));
  std::vector<std::string> arguments{"start", path()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  run(std::move(arguments));
}

MariadbServer::~MariadbServer() {
  try {
    run({"stop", path()});
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): a destructor's last resort
  }
}

int MariadbServer::pid() const {
  std::ifstream file(path() + "/pid");
  int pid = 0;
  file >> pid;
  if (pid <= 1) throw std::runtime_error("no pid of the server");
  return pid;
}
void MariadbServer::kill() {
  const int target = pid();
  ::kill(target, SIGKILL);
  while (::kill(target, 0) == 0 &&
         std::ifstream("/proc/" + std::to_string(target) + "/cmdline").get() != EOF)
    ::usleep(1000);
}
void MariadbServer::pause() { ::kill(pid(), SIGSTOP); }
void MariadbServer::goOn() { ::kill(pid(), SIGCONT); }

api::mariadb::Access mariadbAccess(const std::string& serverPath, const std::string& database) {
  api::mariadb::Access access;
  access.socket = serverPath + "/s";
  access.database = database;
  access.user = "panel";
  access.password = kMariadbPassword;
  return access;
}

std::string makeDatabase(const std::string& serverPath) {
  static std::atomic<int> made = 0;
  const std::string name = "t_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
  command(serverPath, "CREATE OR REPLACE DATABASE " + name);
  return name;
}

const std::string& sharedServerPath() {
  static const std::string path = [] {
    const char* const given = std::getenv("BULKHEAD_TEST_MARIADB");
    if (given != nullptr) return std::string(given);
    static const MariadbServer own;
    return own.path();
  }();
  return path;
}

MariadbPlace::~MariadbPlace() {
  try {
    command(server_, "DROP DATABASE IF EXISTS " + database_);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it goes with the server
  }
}

std::unique_ptr<api::Store> MariadbPlace::open() {
  auto opened = api::mariadb::MariadbStore::open(access());
  if (!opened.ok()) throw std::runtime_error(opened.error().message);
  return std::move(opened).value();
}

}  // namespace bulkhead::testing
