// bulkhead: the administrator's command line.
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/app.h"

int main(int argc, char** argv) {
  // Root's seeds, tokens and passwords land in no core file.
  if (::geteuid() == 0) (void)::prctl(PR_SET_DUMPABLE, 0);  // ignoring: it cannot fail with 0
  return static_cast<int>(bulkhead::cli::runCommandLine(argc, argv));
}
