// hostile_api [STATE_DIRECTORY]: stands in for bulkhead-api in its own unit, as if somebody ran
// code of his choice in it. Writes one line of JSON for each attempt into
// STATE_DIRECTORY/hostile.jsonl, the one place where he may write.
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

#include "api/sandbox/sandbox.h"
#include "common/core/json.h"
#include "tests/hostile/attempt.h"

#include <nlohmann/json.hpp>

namespace bulkhead::hostile {
namespace {

constexpr const char* kList = "/usr/share/bulkhead/policy/seccomp/api.list";
constexpr int kNoSandbox = 43;
constexpr std::chrono::milliseconds kPause{2};       // between two looks whether a child is over
constexpr std::chrono::milliseconds kDeafFor{2000};  // one that blocks SIGALRM is killed then
constexpr std::size_t kAnswerBytesMax = 300;

[[noreturn]] void live(const Attempt& attempt,
                       const std::vector<api::SyscallRule>& list,
                       const std::string& stateDirectory,
                       int out) {
  itimerval timer{};
  timer.it_value.tv_sec = attempt.patience.count() / 1000;
  timer.it_value.tv_usec = attempt.patience.count() % 1000 * 1000;
  (void)::setitimer(ITIMER_REAL, &timer, nullptr);  // before the sandbox, which has no such call
  if (!api::confineFiles(stateDirectory).ok() || !api::confineSyscalls(list).ok())
    ::_exit(kNoSandbox);
  const Answer answer = attempt.act();
  const std::string said = (answer.did ? "+" : "-") + answer.text;
  (void)!::write(out, said.data(), said.size());  // what does not arrive is "ended" below
  ::_exit(0);
}

// Whoever holds the other end writes what he likes.
std::string readAnswer(int in) {
  char buffer[kAnswerBytesMax];
  const ssize_t got = ::read(in, buffer, sizeof buffer);
  std::string said;
  for (ssize_t i = 0; i < got; ++i)
    if (buffer[i] >= ' ' && buffer[i] <= '~') said += buffer[i];
  return said;
}

int statusOf(pid_t child, std::chrono::milliseconds patience) {
  int status = 0;
  for (std::chrono::milliseconds waited{0}; ::waitpid(child, &status, WNOHANG) == 0;
       waited += kPause) {
    if (waited > patience + kDeafFor) (void)::kill(child, SIGKILL);
    std::this_thread::sleep_for(kPause);
  }
  return status;
}

Json resultOf(const Attempt& attempt, const std::string& said, int status) {
  Json line = {{"attempt", attempt.name}, {"may", attempt.may}};
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
    line["verdict"] = "killed";
    line["answer"] = "the kernel ended the process: not on its list of system calls";
  } else if (WIFSIGNALED(status)) {
    line["verdict"] = "ended";
    line["answer"] = std::string("signal ") + ::sigabbrev_np(WTERMSIG(status));
  } else if (said.empty() || (said.front() != '+' && said.front() != '-')) {
    line["verdict"] = WEXITSTATUS(status) == kNoSandbox ? "unconfined" : "ended";
    line["answer"] = "exit " + std::to_string(WEXITSTATUS(status));
  } else {
    line["verdict"] = said.front() == '+' ? "did" : "refused";
    line["answer"] = said.substr(1);
  }
  return line;
}

Json tryOut(const Attempt& attempt,
            const std::vector<api::SyscallRule>& list,
            const std::string& stateDirectory) {
  int pipe[2] = {-1, -1};
  if (::pipe(pipe) != 0) return {{"attempt", attempt.name}, {"verdict", "unconfined"}};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    live(attempt, list, stateDirectory, pipe[1]);
  }
  ::close(pipe[1]);
  const int status = statusOf(child, attempt.patience);
  const std::string said = readAnswer(pipe[0]);
  ::close(pipe[0]);
  return resultOf(attempt, said, status);
}

int run(const std::string& stateDirectory) {
  const auto list = api::loadSeccompList(kList, /*owner=*/0);
  if (!list.ok()) {
    std::cerr << list.error().message << "\n";
    return 1;
  }
  std::vector<std::string> permitted;
  for (const auto& rule : *list)
    permitted.push_back(rule.name);
  std::vector<Attempt> all;
  for (auto& some :
       {attemptsOnTheKernel(stateDirectory), attemptsOnFiles(stateDirectory), attemptsOnSockets(),
        attemptsWithPermittedCalls(permitted), attemptsOnTheAgent()})
    all.insert(all.end(), some.begin(), some.end());
  std::string lines;  // in a file only when nobody tries descriptors any more
  for (const auto& attempt : all)
    lines += printJson(tryOut(attempt, *list, stateDirectory)) + "\n";
  std::ofstream out(stateDirectory + "/hostile.jsonl", std::ios::trunc);
  out << lines << std::flush;
  return out.good() ? 0 : 1;
}

}  // namespace
}  // namespace bulkhead::hostile

int main(int argc, char** argv) {
  return bulkhead::hostile::run(argc > 1 ? argv[1] : "/var/lib/bulkhead-api");
}
