// Host: the machine, as operations see it. Three kinds exist: RealHost (the machine), DryRunHost
// (records what would be done) and the tests' FakeHost. It is deliberately low: nginx, ufw,
// systemd, accounts and engines are written once, on top of these verbs, and so work on all three.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::agent {

enum class FileType { kRegular, kDirectory, kSymlink, kSocket, kOther };

struct FileInfo {
  FileType type = FileType::kOther;
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0;  // permission bits only
  std::uint64_t sizeBytes = 0;
};

struct Attributes {
  mode_t mode = 0644;
  uid_t uid = 0;
  gid_t gid = 0;
};

// The whole list of programs that the agent ever starts. Their absolute paths are in real_host.cc;
// each is proved root-owned and not writable by others, with every parent directory, before each
// start.
enum class Program { kSystemctl, kSystemdRun, kNginx, kUfw, kQuota };

struct Command {
  Program program;
  std::vector<std::string>
      arguments;      // without argv[0]; data goes after "--" where the program knows it
  std::string input;  // stdin; "" = /dev/null
  std::chrono::milliseconds timeLimit{20000};
};

struct ProgramOutput {
  int exitCode = 0;    // 128+n when signal n ended it
  std::string output;  // stdout and stderr, cut at kOutputBytesMax
  bool truncated = false;
};

// Who an account is on this machine. Made by the registry only, so never below the managed range.
struct Identity {
  std::string username;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;  // "/home/alice"
  std::uint32_t subUidFirst = 0;
  std::uint32_t subUidCount = 0;
};

struct EngineRequest {
  std::string method;    // GET, POST, DELETE
  std::string path;      // "/v1.41/containers/json?all=1"; built from constants and parsed types
  std::string body;      // JSON, or "" ; see bodyFile
  std::string bodyFile;  // a root-owned file streamed as body instead: image archives
  std::chrono::milliseconds timeLimit{30000};
};

struct HttpReply {
  int status = 0;
  std::string body;  // cut at kReplyBytesMax
};

struct Probe {  // one GET over loopback, the way a visitor would ask
  std::uint16_t port = 80;
  std::string socketPath;  // instead of the port: a Unix socket
  std::string hostHeader;
  std::string path = "/";
  std::chrono::milliseconds timeLimit{5000};
};

struct FileSystemInfo {  // the one that holds a path
  std::string type;      // "ext4"
  std::string source;    // "/dev/vda1"
  std::string mountPoint;
  std::vector<std::string> options;  // of the mount and of the super block, e.g. "prjquota"
  std::uint64_t totalBytes = 0;
  std::uint64_t freeBytes = 0;  // for unprivileged users
};

struct ProjectQuota {          // of one project id on one file system; limit 0 = unlimited
  std::uint64_t bytesMax = 0;  // hard limit; the kernel keeps whole KiB
  std::uint64_t inodesMax = 0;
  std::uint64_t bytesUsed = 0;
  std::uint64_t inodesUsed = 0;
};

struct ProcessInfo {
  pid_t pid = 0;
  uid_t uid = 0;
  std::string name;
};

inline constexpr std::size_t kOutputBytesMax =
    64U << 10U;  // of one program; the rest is read and dropped
inline constexpr std::size_t kReplyBytesMax =
    4U << 20U;  // of one engine reply; an engine is the tenant's and may lie
inline constexpr std::size_t kFileBytesMax = 16U << 20U;  // of one file that the agent reads

class Host {
 public:
  virtual ~Host() = default;

  // ---- reading. Paths are absolute and lie in root-owned directories; a path with a symlink in it
  // is refused.
  virtual Result<std::string> readFile(const std::string& path) const = 0;  // kNotFound when absent
  virtual Result<FileInfo> inspect(
      const std::string& path) const = 0;  // does not follow the last component
  virtual Result<std::vector<std::string>> list(
      const std::string& path) const = 0;  // names, sorted
  // What list() hides: files of writers that have not ended, or were killed.
  virtual Result<std::vector<std::string>> temporaries(const std::string& /*path*/) const {
    return std::vector<std::string>{};
  }
  virtual Result<ProgramOutput> query(
      const Command& command) const = 0;  // a command that changes nothing
  virtual Result<HttpReply> probe(
      const Probe& probe) const = 0;  // kUnavailable when nothing answers
  virtual Result<FileSystemInfo> fileSystem(
      const std::string& path) const = 0;  // statvfs and the mount table
  // Project quotas, by common/os/project_quota.h: `path` is a directory right below a root-owned
  // one, opened without following links.
  virtual Result<std::uint32_t> projectOf(
      const std::string& path) const = 0;  // 0 = none; kUnsupported where there are no projects
  virtual Result<ProjectQuota> projectQuota(
      const std::string& path, std::uint32_t project) const = 0;  // kUnsupported: quotas are off
  // Names of the account's in a directory that many write to (/tmp, /var/mail), whoever owns it; of
  // very many only some (real_host.h). An absent directory has none.
  virtual Result<std::vector<std::string>> leftovers(const Identity& who,
                                                     const std::string& directory) const = 0;
  virtual Result<std::vector<ProcessInfo>> processesOf(
      const Identity& who) const = 0;  // uid and sub-uids
  // For a program that the agent does not start itself: kNotFound when it is absent,
  // kPermissionDenied when others than root could have changed it, a directory above or its
  // interpreter.
  virtual Result<Ok> checkProgram(const std::string& path) const = 0;
  virtual std::chrono::system_clock::time_point now() const = 0;
  virtual void pause(
      std::chrono::milliseconds time) const = 0;  // between two looks at something that takes time
  // True in a dry run: nothing is changed, so waiting for an effect would only meet its deadline.
  virtual bool isPreview() const { return false; }

  // ---- changing, as root, in root-owned directories only
  virtual Result<Ok> writeFile(const std::string& path,
                               std::string_view content,
                               const Attributes& attributes) = 0;  // atomic and durable
  virtual Result<Ok> removeFile(const std::string& path) = 0;      // absent is fine
  virtual Result<Ok> makeDirectory(
      const std::string& path,
      const Attributes& attributes) = 0;  // existing: attributes are set by fd
  virtual Result<Ok> removeEmptyDirectory(
      const std::string& path) = 0;  // absent is fine; one that is in use stays, which is fine too
  // Renames to a private name first, then deletes below without following links or crossing
  // devices. Absent is fine.
  virtual Result<Ok> removeTree(const std::string& path) = 0;
  // Gives a file or directory of `owner` another name on the same file system, both in root-owned
  // directories. kNotFound when there is none, kAlreadyExists when the new name is taken.
  virtual Result<Ok> move(const std::string& from, const std::string& to, uid_t owner) = 0;
  // Removes those leftovers, deeply, each by the directory's own descriptor; looks at the owner
  // again right before.
  virtual Result<Ok> removeLeftovers(const Identity& who, const std::string& directory) = 0;
  // Puts one directory into a project, with all that will be made in it. What is in it already
  // stays where it is.
  virtual Result<Ok> setProject(const std::string& path, std::uint32_t project) = 0;
  virtual Result<Ok> setProjectQuota(const std::string& path,
                                     std::uint32_t project,
                                     std::uint64_t bytesMax,
                                     std::uint64_t inodesMax) = 0;
  virtual Result<ProgramOutput> run(const Command& command) = 0;
  // Takes lckpwdf for the life of the returned handle, so that no account tool writes /etc/passwd &
  // co. meanwhile.
  class Lock {
   public:
    virtual ~Lock() = default;
  };
  enum class LockName { kAccountFiles, kNginx, kDatabaseUsers };
  virtual Result<std::unique_ptr<Lock>> lock(LockName name, std::chrono::milliseconds patience) = 0;

  // ---- as the account: in a child with the account's uid, no capability, inside the account's
  // home or its engine
  virtual Result<Ok> makeHomeDirectory(const Identity& who,
                                       const std::string& relativePath,
                                       mode_t mode) = 0;
  virtual Result<Ok> writeHomeFileIfAbsent(const Identity& who,
                                           const std::string& relativePath,
                                           std::string_view content,
                                           mode_t mode) = 0;
  // Within the home; kNotFound and kAlreadyExists as for move().
  virtual Result<Ok> moveInHome(const Identity& who,
                                const std::string& from,
                                const std::string& to) = 0;
  virtual Result<HttpReply> engine(const Identity& who,
                                   const EngineRequest& request) = 0;  // changes
  virtual Result<HttpReply> engineQuery(const Identity& who,
                                        const std::string& path) const = 0;  // GET
  // One GET over the account's own site socket, as the account: the tenant may have put anything
  // there, so root does not go near it. kUnavailable when nothing answers.
  virtual Result<HttpReply> siteQuery(const Identity&, const std::string& /*path*/) const {
    return Error{Code::kUnavailable, "no account's site can be asked here", ""};
  }

  // ---- processes
  virtual Result<std::uint32_t> killProcessesOf(
      const Identity& who) = 0;  // until none is left; answers how many it ended
};

}  // namespace bulkhead::agent
