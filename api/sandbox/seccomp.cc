// The seccomp filter. Which calls exist is the list's business; what arguments the checked ones may
// have is decided here.
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <set>

#include <seccomp.h>

#include "api/sandbox/sandbox.h"

namespace bulkhead::api {
namespace {

struct FreeFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FreeFilter>;

// One way in which a checked call may be made; a call with several of them may be made in each.
struct Allowed {
  const char* name;
  std::vector<scmp_arg_cmp> arguments;
  std::uint32_t action = SCMP_ACT_ALLOW;
};

scmp_arg_cmp equals(unsigned argument, std::uint64_t value) {
  return scmp_arg_cmp{argument, SCMP_CMP_EQ, value, 0};
}
scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, mask, value};
}

std::vector<Allowed> checkedCalls(Network network) {
  constexpr std::uint64_t kNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                        CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
  constexpr std::uint64_t kSocketTypes = 0xf;   // without the flags
  constexpr std::uint64_t kLow32 = 0xffffffff;  // the kernel ignores the upper half of these
  std::vector<Allowed> calls{
      {"clone", {masked(0, CLONE_THREAD | CLONE_VM | kNamespaces, CLONE_THREAD | CLONE_VM)}},
      {"socket", {equals(0, AF_UNIX)}},
      {"mmap", {masked(2, PROT_EXEC, 0)}},
      {"mprotect", {masked(2, PROT_EXEC, 0)}},
      {"prctl", {equals(0, PR_SET_NAME)}},
      {"prctl", {equals(0, PR_SET_VMA)}},  // glibc names its memory where the kernel can
      {"ioctl", {masked(1, kLow32, FIONREAD)}},
      {"ioctl", {masked(1, kLow32, FIONBIO)}},
      {"ioctl", {masked(1, kLow32, TCGETS)}, SCMP_ACT_ERRNO(ENOTTY)},
      {"prlimit64", {equals(2, 0)}},  // no new limit: reading
      {"tgkill", {equals(0, static_cast<std::uint64_t>(::getpid()))}},
  };
  for (int command :
       {F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC, F_SETLK, F_GETLK, F_SETLKW})
    calls.push_back(Allowed{"fcntl", {equals(1, static_cast<std::uint64_t>(command))}});
  if (network == Network::kDatabase) {
    for (const int family : {AF_INET, AF_INET6})
      for (const int type : {SOCK_STREAM, SOCK_DGRAM})  // datagrams ask for names
        calls.push_back(Allowed{"socket",
                                {equals(0, static_cast<std::uint64_t>(family)),
                                 masked(1, kSocketTypes, static_cast<std::uint64_t>(type))}});
    // glibc asks which addresses the host has, and goes on without an answer.
    calls.push_back(Allowed{"socket", {equals(0, AF_NETLINK)}, SCMP_ACT_ERRNO(EAFNOSUPPORT)});
  }
  return calls;
}

Error failed(const std::string& what) { return Error{Code::kInternal, "seccomp: " + what, ""}; }

Result<Ok> addRule(const Filter& filter,
                   std::uint32_t action,
                   const std::string& name,
                   const std::vector<scmp_arg_cmp>& arguments) {
  const int number = seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) return Ok{};  // not on this architecture, or newer than libseccomp
  if (seccomp_rule_add_array(filter.get(), action, number, static_cast<unsigned>(arguments.size()),
                             arguments.data()) != 0)
    return failed("no rule for " + name);
  return Ok{};
}

Result<Filter> emptyFilter() {
  Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return failed("no filter");
  const bool set =
      seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 1) == 0 &&
      seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) ==
          0 &&  // threads that exist already
      seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
  if (!set) return failed("attributes");
  // Ignoring: only speed and the kernel's log depend on these two.
  (void)seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_LOG, 1);
  (void)seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  return filter;
}

}  // namespace

Result<Ok> confineSyscalls(const std::vector<SyscallRule>& rules, Network network) {
  TRY_ASSIGN(const Filter filter, emptyFilter());
  const std::vector<Allowed> checked = checkedCalls(network);
  std::set<std::string> unused;
  for (const auto& call : checked)
    unused.insert(call.name);
  for (const auto& rule : rules) {
    switch (rule.action) {
      case SyscallAction::kAllow:
        TRY(addRule(filter, SCMP_ACT_ALLOW, rule.name, {}));
        break;
      case SyscallAction::kEnosys:
        TRY(addRule(filter, SCMP_ACT_ERRNO(ENOSYS), rule.name, {}));
        break;
      case SyscallAction::kChecked:
        if (unused.erase(rule.name) == 0) return failed("no check for " + rule.name);
        for (const auto& call : checked)
          if (rule.name == call.name) TRY(addRule(filter, call.action, rule.name, call.arguments));
        break;
    }
  }
  if (!unused.empty()) return failed("the list forgets " + *unused.begin());
  if (seccomp_load(filter.get()) != 0) return failed("not accepted by the kernel");
  return Ok{};
}

}  // namespace bulkhead::api
