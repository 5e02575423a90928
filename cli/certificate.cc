#include "cli/certificate.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "cli/program.h"

namespace bulkhead::cli {
namespace {

constexpr const char* kOpenssl = "/usr/bin/openssl";
constexpr const char* kValidDays = "825";  // what browsers accept at most
constexpr const char* kGatewayGroup = "bulkhead-gateway";

bool exists(const char* path) {
  struct stat info {};
  return ::stat(path, &info) == 0;
}

Result<gid_t> gatewayGroup() {
  const group* entry = ::getgrnam(kGatewayGroup);
  if (entry == nullptr)
    return Error{Code::kInternal,
                 "the group bulkhead-gateway is missing; install the package again", ""};
  return entry->gr_gid;
}

// Both files appear under their final names only when they are complete and have their permissions.
Result<Ok> publish(const std::string& from, const char* to, gid_t group, mode_t mode) {
  const bool done = ::chown(from.c_str(), 0, group) == 0 && ::chmod(from.c_str(), mode) == 0 &&
                    ::rename(from.c_str(), to) == 0;
  if (done) return Ok{};
  return Error{Code::kInternal, std::string("cannot write ") + to, ""};
}

}  // namespace

Result<std::string> ensureGatewayCertificate() {
  if (exists(kGatewayKey) && exists(kGatewayCertificate))
    return std::string("kept: ") + kGatewayCertificate;
  TRY_ASSIGN(const gid_t group, gatewayGroup());
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0)
    return Error{Code::kInternal, "this host has no name", ""};
  const std::string name =
      std::string(host).substr(0, 64);  // the limit of a common name (RFC 5280, ub-common-name)
  const std::string newKey = std::string(kGatewayKey) + ".new";
  const std::string newCertificate = std::string(kGatewayCertificate) + ".new";
  const mode_t before = ::umask(0077);
  auto made = runProgram(
      kOpenssl, {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", kValidDays, "-subj", "/CN=" + name, "-addext",
                 "subjectAltName=DNS:" + name + ",DNS:localhost,IP:127.0.0.1", "-keyout", newKey,
                 "-out", newCertificate});
  (void)::umask(before);
  if (!made.ok()) return made.error();
  TRY(publish(newKey, kGatewayKey, group, 0640));
  TRY(publish(newCertificate, kGatewayCertificate, group, 0644));
  return "self-signed for " + name + ", valid " + kValidDays + " days; put your own in " +
         kGatewayCertificate;
}

}  // namespace bulkhead::cli
