// What the programs that are installed can call at all, as the dynamic linker sees it: no shell, no
// search along PATH, no library chosen at run time. layers_test.cc looks at the sources; this at
// what was built from them and from the static libraries.
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "common/os/program.h"
#include "tests/paths.h"

namespace bulkhead {
namespace {

using Names = std::set<std::string>;

// The names in a program's table of symbols: of a dynamic program those that it wants of libraries;
// of a static one all that was linked into it.
enum class Linked { kDynamically, kStatically };
Names symbols(const std::string& program, Linked linked = Linked::kDynamically) {
  os::ProgramStart nm;
  nm.path = "/usr/bin/nm";
  nm.arguments = {"-P", program};
  if (linked == Linked::kDynamically)
    nm.arguments.insert(nm.arguments.begin(), {"-D", "--undefined-only"});
  nm.outputBytesMax = 16U << 20U;  // a debug build names every template
  const auto end = os::runProgram(nm);
  EXPECT_TRUE(end.ok() && end->exitCode == 0 && !end->truncated) << program;
  Names names;
  if (!end.ok()) return names;
  std::istringstream lines(end->output);
  for (std::string line; std::getline(lines, line);)
    names.insert(line.substr(0, line.find_first_of(" @")));
  return names;
}

const Names kNeverWanted{"system", "popen",   "wordexp", "execlp",       "execvp", "execvpe",
                         "dlopen", "dlmopen", "execl",   "posix_spawnp", "execle"};

std::string built(const char* name) { return std::string(BULKHEAD_BINARY_DIR) + "/" + name; }

TEST(Symbols, NoProgramCanReachAShell) {
  for (const char* program : {"bulkhead", "bulkhead-agent", "bulkhead-quota", "bulkhead-api"}) {
    const Names wanted = symbols(built(program));
    EXPECT_GT(wanted.size(), 20U) << program;
    for (const auto& name : kNeverWanted)
      EXPECT_EQ(wanted.count(name), 0U) << program << " can call " << name;
  }
}
TEST(Symbols, TheStaticClientHasNoneLinkedIntoIt) {
  const Names linked = symbols(built("bulkhead-cpapi"), Linked::kStatically);
  EXPECT_EQ(linked.count("execve"), 1U);  // it starts sudo
  Names never = kNeverWanted;
  never.erase("dlopen");   // the C library's own loader of character sets; no source of ours names
  never.erase("dlmopen");  // it (layers_test.cc)
  for (const auto& name : never)
    EXPECT_EQ(linked.count(name), 0U) << name;
}
TEST(Symbols, TheRestServerCanStartNoProgramAtAll) {
  const Names wanted = symbols(built("bulkhead-api"));
  for (const char* name :
       {"execv", "execve", "fexecve", "execveat", "posix_spawn", "fork", "vfork"})
    EXPECT_EQ(wanted.count(name), 0U) << name;
}
TEST(Symbols, TheProgramForQuotasCanStartNoneEither) {
  const Names wanted = symbols(built("bulkhead-quota"));
  for (const char* name : {"execv", "execve", "execveat", "posix_spawn", "socket", "connect"})
    EXPECT_EQ(wanted.count(name), 0U) << name;
}
TEST(Symbols, AProgramThatStartsOthersIsFound) {
  const Names wanted = symbols("/bin/bash");
  EXPECT_EQ(wanted.count("execve"), 1U);
  EXPECT_EQ(wanted.count("dlopen"), 1U);
}

}  // namespace
}  // namespace bulkhead
