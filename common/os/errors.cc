#include "common/os/errors.h"

#include <system_error>

namespace bulkhead::os {
namespace {

Code codeFor(int number) {
  switch (number) {
    case ENOENT:
      return Code::kNotFound;
    case EEXIST:
      return Code::kAlreadyExists;
    case EACCES:
    case EPERM:
    case ELOOP:  // a symbolic link where none may be
    case EXDEV:  // out of the tree
    case ENOTDIR:
    case EISDIR:
      return Code::kPermissionDenied;
    case ENOSPC:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ECONNREFUSED:
      return Code::kUnavailable;
    case EDQUOT:
    case EFBIG:
    case ENAMETOOLONG:
      return Code::kLimitExceeded;
    case EBUSY:
    case EAGAIN:
      return Code::kBusy;
    case ETIMEDOUT:
      return Code::kTimeout;
    case ENOSYS:
    case EOPNOTSUPP:
      return Code::kUnsupported;
    default:
      return Code::kInternal;
  }
}

}  // namespace

Error fromErrno(int number, const std::string& what) {
  return Error{codeFor(number), what + ": " + std::generic_category().message(number), ""};
}

}  // namespace bulkhead::os
