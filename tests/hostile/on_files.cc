#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <set>

#include "tests/hostile/attempt.h"

namespace bulkhead::hostile {
namespace {

// What any user of the host may do, and its unit shows it in part of its own: refused as well where
// the kernel has Landlock.
const std::set<std::string>& ofEverybody() {
  static const std::set<std::string> kPaths{"/etc/passwd",     "/etc/nginx",   "/tmp",
                                            "/proc",           "/tmp/hostile", "/dev/shm/hostile",
                                            "/var/tmp/hostile"};
  return kPaths;
}

Attempt opens(const std::string& verb, const std::string& path, int flags) {
  return {verb + " " + path, [path, flags] { return answerOf(::open(path.c_str(), flags, 0644)); },
          ofEverybody().contains(path)};
}
Attempt reads(const std::string& path) { return opens("read", path, O_RDONLY | O_CLOEXEC); }
Attempt lists(const std::string& path) {
  return opens("list", path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}
Attempt writes(const std::string& path) {
  return opens("write", path, O_WRONLY | O_CREAT | O_CLOEXEC);
}
Attempt connects(const std::string& path, bool may = false) {
  return {"connect to " + path,
          [path] {
            const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (socket < 0) return answerOf(socket);
            sockaddr_un to{};
            to.sun_family = AF_UNIX;
            path.copy(to.sun_path, sizeof to.sun_path - 1);
            return answerOf(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to));
          },
          may};
}

}  // namespace

std::vector<Attempt> attemptsOnFiles(const std::string& state) {
  std::vector<Attempt> all;
  for (const auto* path :
       {"/etc/shadow", "/etc/gshadow", "/etc/passwd", "/etc/bulkhead/tls/gateway.key",
        "/etc/sudoers", "/var/lib/bulkhead/agent/accounts/hostage",
        "/var/lib/bulkhead/agent/audit-keys/keys", "/proc/1/environ", "/proc/1/mem", "/proc/kcore",
        "/dev/mem", "/dev/kmsg", "/home/hostage/sites", "/root/.bashrc", "/etc/ssh/sshd_config"})
    all.push_back(reads(path));
  for (const auto* path : {"/var/log/bulkhead", "/var/lib/bulkhead/agent", "/home", "/home/hostage",
                           "/etc/nginx", "/root", "/tmp", "/proc"})
    all.push_back(lists(path));
  for (const auto* path :
       {"/etc/cron.d/hostile", "/etc/ld.so.preload", "/etc/systemd/system/hostile.service",
        "/etc/nginx/bulkhead/sites/hostile.conf", "/usr/libexec/bulkhead/bulkhead-agent",
        "/usr/share/bulkhead/policy/operations.json", "/var/lib/bulkhead/agent/lockdown",
        "/var/log/bulkhead/audit-0.jsonl", "/run/bulkhead/hostile", "/tmp/hostile",
        "/dev/shm/hostile", "/var/tmp/hostile"})
    all.push_back(writes(path));
  all.push_back({"give a file of its own to root (setuid)", [state] {
                   const std::string path = state + "/hostile-suid";
                   const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
                   if (file < 0) return answerOf(file);
                   return answerOf(::syscall(SYS_fchmod, file, 04755));
                 }});
  all.push_back({"a link to the agent's records where the doctor may follow it", [state] {
                   return answerOf(::syscall(SYS_symlinkat, "/etc/shadow", AT_FDCWD,
                                             (state + "/hostile-link").c_str()));
                 }});
  all.push_back({"a hard link to a file of root's", [state] {
                   return answerOf(::syscall(SYS_linkat, AT_FDCWD, "/etc/passwd", AT_FDCWD,
                                             (state + "/hostile-hard").c_str(), 0));
                 }});
  all.push_back({"a device", [state] {
                   return answerOf(::syscall(SYS_mknodat, AT_FDCWD,
                                             (state + "/hostile-dev").c_str(), S_IFBLK | 0600,
                                             0x801));
                 }});
  all.push_back({"write into its own state, which it needs",
                 [state] {
                   return answerOf(::open((state + "/hostile-note").c_str(),
                                          O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
                 },
                 /*may=*/true});
  return all;
}

std::vector<Attempt> attemptsOnSockets() {
  std::vector<Attempt> all;
  for (const auto* path :
       {"/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock",
        "/run/bulkhead-engine/20000/docker.sock", "/run/bulkhead-sites/20000/web.sock",
        "/run/bulkhead/agent-admin.sock", "/run/dbus/system_bus_socket", "/run/systemd/private",
        "/run/mysqld/mysqld.sock"})
    all.push_back(connects(path));
  all.push_back(connects("/run/bulkhead/agent.sock", /*may=*/true));
  return all;
}

}  // namespace bulkhead::hostile
