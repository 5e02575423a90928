// The client: from the words of the command line to one JSON document on stdout and an exit status.
#pragma once

namespace bulkhead::cpapi {

// Never returns without having tried to print a document. `environment` is read for the elevated
// entry only and is cleared before anything else happens.
int runClient(int count, char** words, char** environment);

}  // namespace bulkhead::cpapi
