// A host with the package's templates, with or without CloudLinux on it.
#pragma once
#include <fstream>
#include <sstream>

#include "agent/host/cloudlinux.h"
#include "agent/ops/all_ops.h"
#include "tests/paths.h"
#include "tests/support/fake_host.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {

struct CloudLinuxScene {
  testing::FakeHost host;
  testing::OpCall<rpc::CloudlinuxConfigure, rpc::CloudlinuxReport> call;
  int exitCode = 0;

  explicit CloudLinuxScene(bool cloudLinux = true) {
    for (const auto* name : {"integration.ini", "cagefs.cfg", "proxy.commands", "exclude"}) {
      std::ostringstream text;
      text
          << std::ifstream(std::string(BULKHEAD_SOURCE_DIR) + "/policy/cloudlinux/" + name).rdbuf();
      host.addFile(std::string(cloudlinux::kTemplates) + "/" + name, text.str());
    }
    host.onProgram(Program::kSystemdRun, [this](const Command&) {
      return ProgramOutput{exitCode, "said", false};
    });
    if (cloudLinux) {
      host.addFile("/etc/cloudlinux-release", "CloudLinux release 9.4 (Valentin Lebedev)\n");
      host.addFile("/etc/cagefs/cagefs.mp", "/opt\n/var/lib/mysql");
      host.addFile(cloudlinux::kCagefsctl, "", {0755, 0, 0});
    }
    host.resetFaults();
  }
  void addPhp() {
    for (const auto* path : {"/usr/bin/php-cgi", "/usr/bin/php", "/etc/php.ini",
                             "/usr/local/bin/lsphp", "/usr/sbin/php-fpm"})
      host.addFile(path, "", {0755, 0, 0});
  }
  Result<Proof> configure() { return call.perform(cloudlinuxConfigure(), host); }
  // The answer to whoever asked tells to do it.
  template <typename Call>
  static bool tellsToRemount(Call& answered) {
    for (const auto line : answered.reply().getNext())
      if (std::string(line.cStr()).find("--remount-all") != std::string::npos) return true;
    return false;
  }
  std::string content(const char* path) const { return host.content(path); }
  // Programs that were started, without systemd's part.
  std::vector<std::string> started() const {
    std::vector<std::string> all;
    for (const auto& line : host.commandLines())
      all.push_back(line.substr(line.find(" -- ") + 4));
    return all;
  }
};

}  // namespace bulkhead::agent
