// LoggedTasks: promises that run on their own; one that fails is logged.
#pragma once
#include <kj/async.h>

#include "common/log/log.h"

namespace bulkhead::agent {

// The interface of the library has no virtual destructor; nobody deletes through it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class LoggedTasks final : private kj::TaskSet::ErrorHandler {
 public:
  explicit LoggedTasks(const char* what) : what_(what), tasks_(*this) {}
  void add(kj::Promise<void>&& task) { tasks_.add(kj::mv(task)); }

 private:
  void taskFailed(kj::Exception&& exception) override {
    logLine(LogLevel::kWarning, what_, {{"reason", exception.getDescription().cStr()}});
  }
  const char* what_;
  kj::TaskSet tasks_;
};
#pragma GCC diagnostic pop

}  // namespace bulkhead::agent
