#include "agent/host/nginx_reload.h"

#include <charconv>

#include "agent/host/engine_reply.h"
#include "agent/host/nginx.h"
#include "agent/host/systemd.h"

namespace bulkhead::agent::nginx {
namespace {

constexpr std::chrono::milliseconds kTestLimit{20000};  // `nginx -t` with thousands of sites
constexpr const char* kRuntime = "/run/bulkhead-nginx";
constexpr const char* kBroken = "Nginx's configuration was already broken, nothing was changed: ";
constexpr std::string_view kHead =
    "# Written by bulkhead-agent: tells which configuration the workers run.\n"
    "server {\n    listen unix:/run/bulkhead-nginx/generation.sock;\n    access_log off;\n"
    "    location = /generation {\n        default_type text/plain;\n        return 200 ";
constexpr std::string_view kTail = ";\n    }\n}\n";

// The first line that Nginx calls an error, without its prefix; it names file and line.
std::string complaint(const std::string& output) {
  const auto mark = output.find("[emerg]");
  auto from = mark == std::string::npos ? 0 : mark + 8;
  if (from > output.size()) from = output.size();
  // "1271#1271: ", process and thread, are of no use to anybody.
  const auto digits = output.find_first_not_of("0123456789#", from);
  if (digits != std::string::npos && digits > from && output.compare(digits, 2, ": ") == 0)
    from = digits + 2;
  return printable(output.substr(from, output.find('\n', from) - from), 400);
}

Result<Ok> put(Host& host, const std::string& path, const std::optional<std::string>& content) {
  if (content) return host.writeFile(path, *content, {0644, 0, 0});
  return host.removeFile(path);
}

// The generation goes first and comes back last: whatever a crash leaves, files that the workers
// do not run stand beside a generation that they do not answer.
Result<Ok> swapIn(Host& host, const std::vector<Change>& changes) {
  for (const auto& change : changes)
    TRY(put(host, change.path, change.after));
  return Ok{};
}

Result<Ok> swapBack(Host& host, const std::vector<Change>& changes) {
  Result<Ok> first = Ok{};
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    auto done = put(host, change->path, change->before);
    if (!done.ok() && first.ok()) first = std::move(done);  // the others come back all the same
  }
  return first;
}

// An Nginx that does not run is started with the files as they are, so that all that follows is a
// reload. While it is down its directory in /run is not there either, and every test would fail.
Result<Ok> ensureRunning(Host& host) {
  TRY_ASSIGN(const auto state, systemd::unitState(host, kUnit));
  if (state.isActive()) return Ok{};
  TRY(host.makeDirectory(kRuntime, {0700, 0, 0}));
  TRY_ASSIGN(const auto words, host.isPreview() ? Result<std::string>("") : complaintOf(host));
  if (!words.empty()) return Error{Code::kConflict, std::string(kBroken) + words, ""};
  return systemd::start(host, kUnit);
}

Result<Ok> reload(Host& host) {
  TRY_ASSIGN(const auto done,
             host.run({Program::kSystemctl, {"reload", "--", kUnit}, "", kReloadLimit}));
  if (done.exitCode == 0) return Ok{};
  return Error{Code::kUnavailable, "nginx: the reload ended with " + std::to_string(done.exitCode),
               ""};
}

Result<Ok> awaitGeneration(const Host& host, std::uint64_t wanted) {
  const auto deadline = host.now() + kReloadLimit;
  for (auto polls = kReloadLimit / kReloadPoll; polls > 0 && host.now() < deadline; --polls) {
    const auto answered = generation(host);
    if (answered.ok() && answered.value() == wanted) return Ok{};
    host.pause(kReloadPoll);
  }
  return Error{Code::kTimeout,
               "nginx: the workers did not take generation " + std::to_string(wanted) + " over",
               ""};
}

Result<Ok> refuse(Host& host, const std::vector<Change>& all, const std::string& words) {
  TRY(swapBack(host, all));
  TRY_ASSIGN(const auto without, complaintOf(host));
  if (!without.empty()) return Error{Code::kConflict, std::string(kBroken) + without, ""};
  return Error{Code::kInternal, "Nginx refuses the new configuration: " + words, ""};
}

}  // namespace

Result<std::string> complaintOf(const Host& host) {
  TRY_ASSIGN(const auto done, host.query({Program::kNginx, {"-q", "-t"}, "", kTestLimit}));
  if (done.exitCode == 0) return std::string();
  auto words = complaint(done.output);
  return words.empty() ? "nginx -t ended with " + std::to_string(done.exitCode) : words;
}

std::string generationText(std::uint64_t number) {
  return std::string(kHead) + std::to_string(number) + std::string(kTail);
}

Result<std::uint64_t> generationOnDisk(const Host& host) {
  const auto content = host.readFile(kGeneration);
  if (!content.ok() && content.error().code == Code::kNotFound) return std::uint64_t{0};
  if (!content.ok()) return content.error();
  std::string_view text = content.value();
  std::uint64_t number = 0;
  if (text.starts_with(kHead) && text.ends_with(kTail)) {
    text = text.substr(kHead.size(), text.size() - kHead.size() - kTail.size());
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc() && end == text.data() + text.size()) return number;
  }
  return Error{Code::kInternal, std::string("nginx: ") + kGeneration + " was changed by hand", ""};
}

Result<Ok> activate(Host& host, const std::vector<Change>& changes) {
  TRY_ASSIGN(const auto current, generationOnDisk(host));
  TRY(ensureRunning(host));
  std::vector<Change> all{{kGeneration,
                           current == 0 ? std::nullopt : std::optional(generationText(current)),
                           generationText(current + 1)}};
  all.insert(all.end(), changes.begin(), changes.end());
  if (const auto written = swapIn(host, all); !written.ok()) {
    TRY(swapBack(host, all));  // for example: the disk is full
    return written.error();
  }
  if (host.isPreview()) return reload(host);
  TRY_ASSIGN(const auto words, complaintOf(host));
  if (!words.empty()) return refuse(host, all, words);
  auto loaded = reload(host);
  if (loaded.ok()) loaded = awaitGeneration(host, current + 1);
  if (loaded.ok()) return Ok{};
  TRY(swapBack(host, all));
  (void)reload(host);  // ignoring: the first failure is the one to report
  return loaded.error();
}

}  // namespace bulkhead::agent::nginx
