// Root, as the kernel proves it on the Unix socket, and whoever proves nothing.
#include "api/auth/caller.h"

namespace bulkhead::api {

Principal localRoot() {
  Principal root;
  root.kind = Principal::Kind::kLocalRoot;
  root.actor = "local:root";
  root.username = "root";
  root.role = "root";
  root.scopes = ScopeSet::everything();
  root.reach = {Reach::Kind::kEverything, ""};
  root.proved = true;
  return root;
}

Error unknownBearer() {
  return Error{Code::kUnauthenticated, "the session or token is unknown or over", ""};
}

}  // namespace bulkhead::api
