#include "agent/ops/cloudlinux/report.h"

#include <capnp/message.h>

#include "agent/host/hooks.h"

namespace bulkhead::agent {
namespace {

using State = rpc::CloudlinuxReport::File::State;

State wireState(cloudlinux::FileState state) {
  switch (state) {
    case cloudlinux::FileState::kAbsent:
      return State::ABSENT;
    case cloudlinux::FileState::kCurrent:
      return State::CURRENT;
    case cloudlinux::FileState::kOutdated:
      return State::OUTDATED;
    case cloudlinux::FileState::kEdited:
      return State::EDITED;
  }
  return State::ABSENT;
}

}  // namespace

Result<Ok> fillReport(const Host& host,
                      const std::vector<std::string>& next,
                      rpc::CloudlinuxReport::Builder out) {
  out.setEnabled(cloudlinux::isEnabled(host));
  out.setRelease(cloudlinux::release(host).value_or(""));
  TRY_ASSIGN(const auto files, cloudlinux::files(host));
  auto list = out.initFiles(static_cast<capnp::uint>(files.size()));
  for (capnp::uint i = 0; i < list.size(); ++i) {
    list[i].setPath(files[i].path);
    list[i].setState(wireState(files[i].state));
  }
  TRY_ASSIGN(const auto scripts, hooks::present(host));
  auto hooksOut = out.initHooks(static_cast<capnp::uint>(scripts.size()));
  for (capnp::uint i = 0; i < hooksOut.size(); ++i)
    hooksOut.set(i, scripts[i]);
  auto nextOut = out.initNext(static_cast<capnp::uint>(next.size()));
  for (capnp::uint i = 0; i < nextOut.size(); ++i)
    nextOut.set(i, next[i]);
  return Ok{};
}

Result<Ok> finishReport(Host& host, const std::vector<std::string>& next) {
  capnp::MallocMessageBuilder trial;
  TRY(fillReport(host, next, trial.initRoot<rpc::CloudlinuxReport>()));
  return cloudlinux::told(host);
}

}  // namespace bulkhead::agent
