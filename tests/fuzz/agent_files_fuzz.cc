// Fuzz target of the files that the agent writes and reads again: what is taken means the same when
// it is written and read once more, so that nobody's line can hide in one. Recovery after a crash
// reads these records.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/host/http_reply.h"
#include "agent/host/vhost.h"
#include "agent/registry/records.h"
#include "tests/fuzz/require.h"

namespace {

using namespace bulkhead;
using fuzz::require;

constexpr std::size_t kReplyBytesMax = 4096;

void readReply(std::string_view bytes, std::size_t piece, int& status, std::string& body) {
  agent::HttpReplyReader reader(kReplyBytesMax);
  using State = agent::HttpReplyReader::State;
  State state = State::kMore;
  while (!bytes.empty() && state == State::kMore) {
    state = reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (state == State::kMore) state = reader.finish();
  require(state != State::kMore, "a closed connection has an end");
  require(reader.body().size() <= kReplyBytesMax, "the body keeps to its limit");
  status = state == State::kBad ? -1 : reader.status();
  body = state == State::kBad ? "" : reader.body();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      if (const auto vhost = agent::parseVhost(text); vhost.ok()) {
        const auto again = agent::parseVhost(agent::renderVhost(*vhost));
        require(again.ok() && *again == *vhost, "a site's configuration means the same again");
      }
      break;
    case 1:
      if (const auto account = agent::parseAccount("alpha", text); account.ok()) {
        const auto again = agent::parseAccount("alpha", agent::printAccount(*account));
        require(again.ok() && agent::printAccount(*again) == agent::printAccount(*account),
                "an account's record means the same again");
        require(account->identity.uid >= kUidFirst && account->identity.uid <= kUidLast,
                "a uid of the managed range");
      }
      break;
    case 2:
      if (const auto site = agent::parseSite("a.example.com", text); site.ok()) {
        const auto again = agent::parseSite("a.example.com", agent::printSite(*site));
        require(again.ok() && agent::printSite(*again) == agent::printSite(*site),
                "a site's record means the same again");
      }
      break;
    case 3:
      if (const auto intent = agent::parseRename(kUidFirst, text); intent.ok()) {
        const auto again = agent::parseRename(kUidFirst, agent::printRename(*intent));
        require(again.ok() && agent::printRename(*again) == agent::printRename(*intent),
                "a rename's intent means the same again");
      }
      break;
    default: {
      int status = 0;
      int statusInPieces = 0;
      std::string body;
      std::string bodyInPieces;
      readReply(text, size, status, body);
      readReply(text, 1 + data[0] / 5, statusInPieces, bodyInPieces);
      require(status == statusInPieces && body == bodyInPieces, "pieces make no difference");
    }
  }
  return 0;
}
