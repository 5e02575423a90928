#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "tests/hostile/attempt.h"

namespace bulkhead::hostile {
namespace {

Answer runProgram(const char* path) {
  char name[] = "sh";
  char* arguments[] = {name, nullptr};
  char* environment[] = {nullptr};
  return answerOf(::execve(path, arguments, environment));
}

Answer runOwnCode() {
  const int memory = static_cast<int>(::syscall(SYS_memfd_create, "code", 0));
  if (memory < 0) return answerOf(memory);
  char name[] = "code";
  char* arguments[] = {name, nullptr};
  return answerOf(::syscall(SYS_execveat, memory, "", arguments, arguments + 1, AT_EMPTY_PATH));
}

Answer connectTo(const char* address, std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket < 0) return answerOf(socket);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  (void)::inet_pton(AF_INET, address, &to.sin_addr);
  return answerOf(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to));
}

Answer executableMemory(bool later) {
  const int first = later ? PROT_READ | PROT_WRITE : PROT_READ | PROT_WRITE | PROT_EXEC;
  void* page = ::mmap(nullptr, 4096, first, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return answerOf(-1);
  return later ? answerOf(::mprotect(page, 4096, PROT_READ | PROT_EXEC)) : did("it worked");
}

}  // namespace

std::vector<Attempt> attemptsOnTheKernel(const std::string&) {
  const auto call = [](long number, auto... arguments) {
    return [=] { return answerOf(::syscall(number, arguments...)); };
  };
  const auto socket = [](int family, int type, int protocol) {
    return [=] { return answerOf(::socket(family, type, protocol)); };
  };
  const pid_t init = 1;
  return {
      {"run /bin/sh", [] { return runProgram("/bin/sh"); }},
      {"run itself again", [] { return runProgram("/usr/libexec/bulkhead/bulkhead-api"); }},
      {"run code from memory", runOwnCode},
      {"another process (fork)", call(SYS_clone, SIGCHLD, 0, 0, 0, 0)},
      {"another process (clone3)", call(SYS_clone3, nullptr, 0)},
      {"a user namespace", call(SYS_unshare, CLONE_NEWUSER)},
      {"the network namespace of init",
       [] {
         const int file = ::open("/proc/1/ns/net", O_RDONLY);
         return file < 0 ? answerOf(file) : answerOf(::syscall(SYS_setns, file, CLONE_NEWNET));
       }},
      {"watch init (ptrace)", call(SYS_ptrace, PTRACE_ATTACH, init, 0, 0)},
      {"be watched (ptrace)", call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0)},
      {"read another process's memory",
       call(SYS_process_vm_readv, init, nullptr, 0, nullptr, 0, 0)},
      {"write another process's memory",
       call(SYS_process_vm_writev, init, nullptr, 0, nullptr, 0, 0)},
      {"take a descriptor of another process", call(SYS_pidfd_open, init, 0)},
      {"end another process", call(SYS_kill, init, SIGTERM)},
      {"a signal to a thread elsewhere", call(SYS_tgkill, init, init, SIGTERM)},
      {"an internet socket", socket(AF_INET, SOCK_STREAM, 0)},
      {"an IPv6 socket", socket(AF_INET6, SOCK_DGRAM, 0)},
      {"a raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)},
      {"a packet socket", socket(AF_PACKET, SOCK_RAW, 0)},
      {"a netlink socket", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)},
      {"the kernel's ciphers (AF_ALG)", socket(AF_ALG, SOCK_SEQPACKET, 0)},
      {"a virtual machine's socket", socket(AF_VSOCK, SOCK_STREAM, 0)},
      {"a connection to the world", [] { return connectTo("198.51.100.1", 443); }},
      {"a connection to this host", [] { return connectTo("127.0.0.1", 22); }},
      {"root's uid", call(SYS_setuid, 0)},
      {"root's groups", call(SYS_setgroups, 0, nullptr)},
      {"capabilities", call(SYS_capset, nullptr, nullptr)},
      {"another root directory", call(SYS_chroot, "/tmp")},
      {"a mount", call(SYS_mount, "none", "/tmp", "tmpfs", 0, nullptr)},
      {"a kernel module", call(SYS_init_module, nullptr, 0, "")},
      {"a program in the kernel (bpf)", call(SYS_bpf, 0, nullptr, 0)},
      {"counters of the processor", call(SYS_perf_event_open, nullptr, 0, -1, -1, 0)},
      {"asynchronous input and output (io_uring)", call(SYS_io_uring_setup, 1, nullptr)},
      {"page faults for oneself (userfaultfd)", call(SYS_userfaultfd, 0)},
      {"the kernel's keys", call(SYS_keyctl, 0, 0, 0, 0, 0)},
      {"the kernel's messages", call(SYS_syslog, 3, nullptr, 0)},
      {"the clock", call(SYS_clock_settime, CLOCK_REALTIME, nullptr)},
      {"the host's name", call(SYS_sethostname, "hostile", 7)},
      {"a restart", call(SYS_reboot, 0, 0, 0, nullptr)},
      {"more files for itself",
       [] {
         rlimit limit{1 << 20, 1 << 20};
         return answerOf(::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, nullptr));
       }},
      {"other kinds of system calls (personality)", call(SYS_personality, 0x0400000)},
      {"another list of system calls", call(SYS_seccomp, 1, 0, nullptr)},
      {"be readable again (dumpable)", call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)},
      {"executable memory", [] { return executableMemory(false); }},
      {"memory that becomes executable", [] { return executableMemory(true); }},
      {"a key press on a terminal (TIOCSTI)", call(SYS_ioctl, 0, 0x5412, "x")},
      {"a socket to be called at",
       [] {
         const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
         return made < 0 ? answerOf(made) : answerOf(::listen(made, 1));
       }},
      {"threads, which it needs",
       [] {
         std::thread([] {}).join();
         return did("it worked; at most 128 tasks in its unit");
       },
       /*may=*/true},
  };
}

}  // namespace bulkhead::hostile
