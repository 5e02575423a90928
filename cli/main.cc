// bulkhead: the administrator's command line.
#include "cli/app.h"

int main(int argc, char** argv) {
  return static_cast<int>(bulkhead::cli::runCommandLine(argc, argv));
}
