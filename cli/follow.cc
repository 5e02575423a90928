#include "cli/follow.h"

#include <charconv>
#include <chrono>
#include <iostream>
#include <thread>

#include "cli/interrupt.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr auto kAgainAfter = std::chrono::seconds(2);
constexpr long kWithoutEnd = 0;
// An event is some hundred bytes; a panel that sends none of its ends is none of ours.
constexpr std::size_t kLineBytesMax = 256U * 1024U;
constexpr std::size_t kTypeWidth = 24;

// Bytes into lines, lines into events.
class Lines {
 public:
  Lines(Place& place, const std::function<bool(const Json&)>& tell) : place_(place), tell_(tell) {}

  bool take(std::string_view bytes) {
    rest_ += bytes;
    std::size_t begin = 0;
    for (std::size_t end = rest_.find('\n'); end != std::string::npos;
         end = rest_.find('\n', begin)) {
      const bool on = line(std::string_view(rest_).substr(begin, end - begin));
      begin = end + 1;
      if (!on) return false;
    }
    rest_.erase(0, begin);
    return rest_.size() <= kLineBytesMax;
  }

 private:
  bool line(std::string_view text) {
    const auto event = parseJson(text);
    if (!event.ok() || !event->is_object()) return true;  // of a version to come
    const auto id = event->find("id");
    if (id == event->end() || !id->is_number_integer()) return true;
    const bool on = event->value("type", "") == "heartbeat" || tell_(*event);
    place_ = {id->get<std::int64_t>(), true};
    return on;
  }

  Place& place_;
  const std::function<bool(const Json&)>& tell_;
  std::string rest_;
};

std::string pathOf(const FollowOptions& options) {
  std::string path = "/api/v1/events";
  const auto add = [&path](const char* name, const std::string& value) {
    if (value.empty()) return;
    path += path.find('?') == std::string::npos ? "?" : "&";
    path += name + ("=" + percentEncode(value));
  };
  add("type", options.type);
  add("object", options.object);
  add("object_id", options.objectId);
  add("after", options.after);
  return path;
}

void show(const Json& event, const Common& common) {
  const auto text = [&event](const char* name) {
    const auto found = event.find(name);
    return found != event.end() && found->is_string() ? printable(found->get<std::string>())
                                                      : std::string();
  };
  if (common.json) {
    std::cout << printJson(event) << std::endl;
    return;
  }
  const std::string job = text("job_id");
  std::cout << event.value("id", std::int64_t{0}) << "  " << text("time") << "  "
            << padded(text("type"), kTypeWidth) << " " << text("name")
            << (job.empty() ? "" : "  " + job) << std::endl;
}

// A panel that restarts, or has no room for now.
bool passes(const Response& response) {
  return response.status == 429 || response.status == 503 || response.status == 502 ||
         response.status == 504;
}

}  // namespace

Result<Response> followOnce(const Client& client,
                            const std::string& path,
                            Place& place,
                            long timeLimitSeconds,
                            const std::function<bool(const Json& event)>& tell) {
  Request request{"GET", path, "", timeLimitSeconds};
  request.accept = "application/x-ndjson";
  if (place.known) request.lastEventId = std::to_string(place.id);
  Lines lines(place, tell);
  return client.stream(request, [&lines](std::string_view bytes) { return lines.take(bytes); });
}

ExitCode runEventFollow(const FollowOptions& options,
                        const Common& common,
                        const Terminal& /*terminal*/) {
  const InterruptGuard guard;
  const Client client(common.endpoint);
  Place place;
  bool lost = false;
  while (!interrupted()) {
    const auto ended =
        followOnce(client, pathOf(options), place, kWithoutEnd, [&](const Json& event) {
          lost = false;
          show(event, common);
          return true;
        });
    if (interrupted()) break;
    if (ended.ok() && ended->status != 200 && !passes(*ended)) return showProblem(*ended, common);
    const bool final = !ended.ok() && !isRetryable(ended.error().code);
    // Nobody was there from the start: more likely a wrong address than a restart.
    if (final || (!ended.ok() && !place.known))
      return complain(ended.error(), nextAfterFailure(ended.error(), common.endpoint));
    if (!lost) std::cerr << "the connection was lost; going on when the panel is back\n";
    lost = true;
    std::this_thread::sleep_for(kAgainAfter);
  }
  return ExitCode::kInterrupted;
}

}  // namespace bulkhead::cli
