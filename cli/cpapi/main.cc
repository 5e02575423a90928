// Entry of the client of the control panel interface. It is linked statically and asks for neither
// names, locales nor the heap: inside CageFS none of them can be relied on.
#include "cli/cpapi/client.h"

int main(int count, char** words, char** environment) {
  return bulkhead::cpapi::runClient(count, words, environment);
}
