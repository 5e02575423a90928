// LvectlScene: a host with lvectl, which answers as it is told.
#pragma once
#include <string>

#include "agent/host/cloudlinux.h"
#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"

namespace bulkhead::testing {

template <typename Params>
struct LvectlScene : AccountScene {
  OpCall<Params, rpc::HookResult> call;
  int exitCode = 0;
  LvectlScene() {
    host.addFile(agent::cloudlinux::kLvectl, "", {0755, 0, 0});
    host.onProgram(agent::Program::kSystemdRun, [this](const agent::Command&) {
      return agent::ProgramOutput{exitCode, "said\n", false};
    });
    host.resetFaults();
  }
};

}  // namespace bulkhead::testing
