// RealHost's acts as an account: inside its home and against its engine. Root only opens the door
// (the home, an image archive).
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "agent/host/account_child.h"
#include "agent/host/http.h"
#include "agent/host/identity.h"
#include "agent/host/real_host.h"
#include "agent/host/stopwatch.h"
#include "common/os/atomic_file.h"
#include "common/os/errors.h"
#include "common/os/open.h"

namespace bulkhead::agent {
namespace {

constexpr mode_t kModes = 0777;
constexpr std::chrono::milliseconds kQueryTime{10000};
constexpr std::chrono::milliseconds kSiteTime{5000};
constexpr std::chrono::milliseconds kChildMargin{
    2000};  // libcurl's own limit comes first and says more

// By descriptor, from a directory that is root's: the tenant cannot exchange its own home.
Result<Fd> openHome(const Identity& who) {
  TRY_ASSIGN(const auto place, os::openRootParent(who.home));
  TRY_ASSIGN(auto home, os::openBeneath(place.directory.get(), place.name, O_PATH | O_DIRECTORY, 0,
                                        os::Device::kAny));
  TRY_ASSIGN(const auto info, os::statFd(home.get(), who.home));
  if (info.st_uid != who.uid)
    return Error{Code::kConflict, who.home + ": does not belong to the account", ""};
  return home;
}

Result<Ok> checkMode(mode_t mode) {
  if ((mode & ~kModes) == 0) return Ok{};
  return Error{Code::kInternal, "a mode with more than permission bits", ""};
}

// In the child. The directory that holds the last component, and that component.
Result<os::Place> openParent(int home, const std::string& relativePath) {
  TRY_ASSIGN(auto parts, os::splitRelative(relativePath));
  const auto slash = relativePath.rfind('/');
  const auto parent = slash == std::string::npos ? std::string(".") : relativePath.substr(0, slash);
  TRY_ASSIGN(auto directory, os::openBeneath(home, parent, O_PATH | O_DIRECTORY));
  TRY_ASSIGN(const auto info, os::statFd(directory.get(), relativePath));
  if (info.st_uid != ::geteuid())
    return Error{Code::kPermissionDenied, relativePath + ": in a foreign directory", ""};
  return os::Place{std::move(directory), std::move(parts.back())};
}

Result<std::string> makeInHome(int home, const std::string& relativePath, mode_t mode) {
  TRY_ASSIGN(const auto place, openParent(home, relativePath));
  const bool made = ::mkdirat(place.directory.get(), place.name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return os::lastError(relativePath);
  TRY_ASSIGN(const auto directory,
             os::openBeneath(place.directory.get(), place.name, O_RDONLY | O_DIRECTORY));
  TRY_ASSIGN(const auto info, os::statFd(directory.get(), relativePath));
  if (info.st_uid != ::geteuid())
    return Error{Code::kPermissionDenied, relativePath + ": a foreign directory", ""};
  // Who may look into what is there already is the tenant's own choice.
  if (made && ::fchmod(directory.get(), mode) != 0) return os::lastError(relativePath);
  return std::string();
}

Result<std::string> createInHome(int home,
                                 const std::string& relativePath,
                                 std::string_view content,
                                 mode_t mode) {
  TRY_ASSIGN(const auto place, openParent(home, relativePath));
  TRY(os::createFile(place.directory.get(), place.name, content, mode));
  return std::string();
}

Result<std::string> moveBeneath(int home, const std::string& from, const std::string& to) {
  TRY_ASSIGN(const auto source, openParent(home, from));
  TRY_ASSIGN(const auto target, openParent(home, to));
  if (::renameat2(source.directory.get(), source.name.c_str(), target.directory.get(),
                  target.name.c_str(), RENAME_NOREPLACE) != 0)
    return os::lastError(errno == ENOENT ? from : to);
  return std::string();
}

Result<std::string> packReply(Result<HttpReply> reply) {
  if (!reply.ok()) return reply.error();
  return std::to_string(reply->status) + "\n" + reply->body;
}

Result<HttpReply> unpackReply(const std::string& packed) {
  HttpReply reply;
  const auto line = packed.find('\n');
  if (line == std::string::npos)
    return Error{Code::kInternal, "the account's child answered nonsense", ""};
  const auto [end, failure] = std::from_chars(packed.data(), packed.data() + line, reply.status);
  if (failure != std::errc() || end != packed.data() + line)
    return Error{Code::kInternal, "the account's child answered nonsense", ""};
  reply.body = packed.substr(line + 1);
  return reply;
}

Result<Fd> openBodyFile(const std::string& path) {
  TRY_ASSIGN(const auto place, os::openRootParent(path));
  Fd file(::openat(place.directory.get(), place.name.c_str(),
                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return os::lastError(path);
  TRY_ASSIGN(const auto info, os::statFd(file.get(), path));
  if (!S_ISREG(info.st_mode) || info.st_uid != 0)
    return Error{Code::kPermissionDenied, path + ": is not a file of root", ""};
  return file;
}

}  // namespace

Result<Ok> RealHost::makeHomeDirectory(const Identity& who,
                                       const std::string& relativePath,
                                       mode_t mode) {
  TRY(checkIdentity(who));
  TRY(checkMode(mode));
  TRY_ASSIGN(const auto home, openHome(who));
  AccountWork limits;
  limits.kept = home.get();
  TRY(runAsAccount(who, limits, [&](int kept) { return makeInHome(kept, relativePath, mode); }));
  return Ok{};
}

Result<Ok> RealHost::writeHomeFileIfAbsent(const Identity& who,
                                           const std::string& relativePath,
                                           std::string_view content,
                                           mode_t mode) {
  TRY(checkIdentity(who));
  TRY(checkMode(mode));
  TRY_ASSIGN(const auto home, openHome(who));
  AccountWork limits;
  limits.kept = home.get();
  TRY(runAsAccount(who, limits,
                   [&](int kept) { return createInHome(kept, relativePath, content, mode); }));
  return Ok{};
}

Result<Ok> RealHost::moveInHome(const Identity& who,
                                const std::string& from,
                                const std::string& to) {
  TRY(checkIdentity(who));
  TRY_ASSIGN(const auto home, openHome(who));
  AccountWork limits;
  limits.kept = home.get();
  TRY(runAsAccount(who, limits, [&](int kept) { return moveBeneath(kept, from, to); }));
  return Ok{};
}

Result<HttpReply> RealHost::askEngine(const Identity& who, const EngineRequest& request) const {
  TRY(checkIdentity(who));
  const Stopwatch watch(*this);
  HttpExchange call;
  call.method = request.method;
  call.path = request.path;
  call.hostHeader = "docker";
  call.socketPath = paths_.engines + "/" + std::to_string(who.uid) + "/docker.sock";
  call.body = request.body;
  call.timeLimit = request.timeLimit;
  Fd bodyFile;
  if (!request.bodyFile.empty()) {
    TRY_ASSIGN(bodyFile, openBodyFile(request.bodyFile));
    call.contentType = "application/x-tar";
  } else if (!request.body.empty()) {
    call.contentType = "application/json";
  }
  AccountWork limits;
  limits.timeLimit = request.timeLimit + kChildMargin;
  limits.resultBytesMax = kReplyBytesMax + 16;
  limits.kept = bodyFile.get();
  TRY_ASSIGN(const auto packed, runAsAccount(who, limits, [&call](int kept) {
               call.bodyFd = kept;
               return packReply(exchange(call));
             }));
  return unpackReply(packed);
}

Result<HttpReply> RealHost::engine(const Identity& who, const EngineRequest& request) {
  return askEngine(who, request);
}

Result<HttpReply> RealHost::engineQuery(const Identity& who, const std::string& path) const {
  EngineRequest request;
  request.method = "GET";
  request.path = path;
  request.timeLimit = kQueryTime;
  return askEngine(who, request);
}

Result<HttpReply> RealHost::siteQuery(const Identity& who, const std::string& path) const {
  TRY(checkIdentity(who));
  const Stopwatch watch(*this);
  HttpExchange call;
  call.path = path;
  call.hostHeader = "localhost";
  call.socketPath = paths_.sites + "/" + std::to_string(who.uid) + "/web.sock";
  call.timeLimit = kSiteTime;
  call.oversize = HttpExchange::Oversize::kCut;
  AccountWork limits;
  limits.timeLimit = call.timeLimit + kChildMargin;
  limits.resultBytesMax = kReplyBytesMax + 16;
  TRY_ASSIGN(const auto packed,
             runAsAccount(who, limits, [&call](int) { return packReply(exchange(call)); }));
  return unpackReply(packed);
}

Result<HttpReply> RealHost::probe(const Probe& probe) const {
  HttpExchange call;
  if (!probe.socketPath.empty()) {
    // A socket in a tenant's directory could be a link to one that only root may use.
    TRY_ASSIGN(const auto info, inspect(probe.socketPath));
    if (info.type != FileType::kSocket)
      return Error{Code::kUnavailable, probe.socketPath + ": is not a socket", ""};
  }
  const Stopwatch watch(*this);
  call.path = probe.path;
  call.hostHeader = probe.hostHeader.empty() ? "localhost" : probe.hostHeader;
  call.socketPath = probe.socketPath;
  call.port = probe.port;
  call.timeLimit = probe.timeLimit;
  call.oversize = HttpExchange::Oversize::kCut;
  return exchange(call);
}

}  // namespace bulkhead::agent
