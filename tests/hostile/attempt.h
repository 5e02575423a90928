// What a REST server in an attacker's hands tries, one attempt a child: each puts on the server's
// own sandbox and then runs the attacker's code in it.
#pragma once
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace bulkhead::hostile {

struct Answer {
  bool did = false;  // the attacker has what he wanted
  std::string text;  // what the kernel or the agent said
};
inline Answer did(std::string what) { return {true, std::move(what)}; }
inline Answer refused(std::string why) { return {false, std::move(why)}; }
// Of a system call that answers -1 and sets errno.
inline Answer answerOf(long result) {
  return result < 0 ? refused(std::string("errno ") + ::strerrorname_np(errno)) : did("it worked");
}

struct Attempt {
  std::string name;
  std::function<Answer()> act;
  bool may = false;  // what the server has to be able to do: it is bounded elsewhere
  std::chrono::milliseconds patience{20000};  // then SIGALRM; the agent may take its time
};

std::vector<Attempt> attemptsOnTheKernel(const std::string& stateDirectory);
std::vector<Attempt> attemptsOnFiles(const std::string& stateDirectory);
std::vector<Attempt> attemptsOnSockets();
// With each call of the list, whatever it is for, arguments that nobody sane gives.
std::vector<Attempt> attemptsWithPermittedCalls(const std::vector<std::string>& names);
std::vector<Attempt> attemptsOnTheAgent();

}  // namespace bulkhead::hostile
