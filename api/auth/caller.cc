// Root, as the kernel proves it on the Unix socket.
#include "api/auth/caller.h"

namespace bulkhead::api {

Principal localRoot() {
  Principal root;
  root.kind = Principal::Kind::kLocalRoot;
  root.actor = "local:root";
  root.username = "root";
  root.role = "root";
  root.scopes = ScopeSet::everything();
  return root;
}

}  // namespace bulkhead::api
