// Fuzz target of the audit log's readers and verifier. The first byte chooses: the rest as a text
// that nobody wrote, which must be survived; or as changes to an honest log, which must be found.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/audit/line_head.h"
#include "common/audit/verify.h"
#include "tests/support/sealed_log.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace bulkhead;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Scene {
  Scene() {
    log.grow(12, 4);  // ends with a checkpoint: its anchor knows the last record
    require(log.anchors().back().seq == log.head().seq);
    honest = testing::textOf(log.lines());
    request = {{log.seed()}, log.anchors(), VerifyRequest::Writer::kNone};
  }
  ChainReport verify(const std::string& text) {
    testing::writeSegment(directory.path(), 1, text);
    const auto report = verifyAudit(directory.path(), request);
    require(report.ok());
    return *report;
  }
  testing::SealedLog log;
  testing::TempDir directory;
  std::string honest;
  VerifyRequest request;
};

// Three bytes a change: what, where, how much.
std::string changed(const std::vector<std::string>& honest, std::string_view script) {
  std::vector<std::string> lines = honest;
  for (; script.size() >= 3 && !lines.empty(); script.remove_prefix(3)) {
    const auto what = static_cast<unsigned char>(script[0]);
    const std::size_t at = static_cast<unsigned char>(script[1]) % lines.size();
    const auto much = static_cast<unsigned char>(script[2]);
    const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
    switch (what % 6) {
      case 0:
        lines.erase(place);
        break;
      case 1:
        lines.insert(place, lines[much % lines.size()]);
        break;
      case 2:
        std::swap(lines[at], lines[much % lines.size()]);
        break;
      case 3:
        if (!lines[at].empty()) lines[at][(what / 6 * 256U + much) % lines[at].size()] ^= 1;
        break;
      case 4:
        lines[at].resize(lines[at].size() * much / 256);
        break;
      case 5:
        lines.resize(at);
        break;
    }
  }
  return testing::textOf(lines);
}

void readEverything(std::string_view text) {
  if (const auto link = readLink(text)) (void)follows({}, *link);
  (void)readHead(text);
  (void)parseAuditLine(text);
  (void)AuditSeed::parse(text);
  if (const auto anchor = AuditAnchor::parse(text); anchor.ok())
    require(AuditAnchor::parse(anchor->line()).ok());
  (void)parseAnchors(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scene scene;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    readEverything(bytes);
    (void)scene.verify(std::string(bytes));
    // Behind an honest beginning it is seen, too.
    if (!bytes.empty())
      require(scene.verify(scene.honest + std::string(bytes)).finding.has_value());
    return 0;
  }
  const std::string text = changed(scene.log.lines(), bytes);
  require(scene.verify(text).finding.has_value() == (text != scene.honest));
  return 0;
}
