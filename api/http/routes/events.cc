// Events: a page of them, or a stream that goes on.
#include <charconv>
#include <string>

#include "api/http/event_feed.h"
#include "api/http/event_json.h"
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

// A reader of a page asks again when somebody else has ended.
constexpr int kRetrySeconds = 5;

template <typename List>
std::vector<std::string> words(const List& list) {
  return {list.begin(), list.end()};
}

Problem goneProblem() {
  return problemOf(HttpFault::kEventsGone,
                   "what followed that event is not kept any more; read what you show again, and "
                   "follow without an id");
}

// The id after which to go on: what a reader that comes again says, or the address. nullopt =
// neither says.
std::variant<std::optional<std::int64_t>, Problem> startOf(const Call& call) {
  const std::string* header = call.http.header("last-event-id");
  if (header != nullptr && !header->empty()) {
    std::int64_t id = 0;
    const char* end = header->data() + header->size();
    const auto parsed = std::from_chars(header->data(), end, id);
    if (parsed.ec != std::errc() || parsed.ptr != end || id < 0)
      return problemOf(HttpFault::kBadRequest, "Last-Event-ID: an id of an event is expected");
    return std::optional<std::int64_t>(id);
  }
  const auto after = call.query.find("after");
  if (after == call.query.end()) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(after->get<std::int64_t>());
}

Answered followed(const Call& call, EventFeed& feed, EventFeed::Wanted wanted) {
  wanted.form = eventForm(call.http);
  wanted.caller = call.principal.actor;
  wanted.standing = call.standing;
  const EventForm form = wanted.form;
  auto stream = feed.follow(std::move(wanted));
  if (!stream.ok() && stream.error().code == Code::kLimitExceeded) {
    Problem problem = problemOf(HttpFault::kRateLimited, stream.error().message);
    problem.retryAfterSeconds = kRetrySeconds;
    return problem;
  }
  if (!stream.ok()) return problemOf(stream.error());
  HttpResponse response;
  response.contentType = contentTypeOf(form);
  response.headers.emplace_back("X-Accel-Buffering", "no");  // a proxy passes each piece on at once
  response.stream = std::move(stream).value();
  return response;
}

Answered pageOf(const Call& call, const Page<Event>& page) {
  Json items = Json::array();
  for (const Event& event : page.items)
    items.push_back(toJson(event));
  return listReply(call, std::move(items), page.nextCursor);
}

// Newest first for whoever looks; after an id oldest first, for whoever asks again and again.
Answered paged(const Call& call,
               EventLog& log,
               const EventFilter& filter,
               std::optional<std::int64_t> after) {
  if (!after.has_value())
    return replyOr(log.list(filter, call.page),
                   [&call](const Page<Event>& page) { return pageOf(call, page); });
  const auto page = log.page(filter, *after, call.page);
  if (!page.ok()) return problemOf(page.error());
  if (!page->has_value()) return goneProblem();
  return pageOf(call, **page);
}

Answered eventsOf(const Call& call, EventLog& log, EventFeed& feed, EventFeed::Wanted wanted) {
  const auto start = startOf(call);
  if (const auto* problem = std::get_if<Problem>(&start)) return *problem;
  const auto after = std::get<std::optional<std::int64_t>>(start);
  if (eventForm(call.http) == EventForm::kPage) return paged(call, log, wanted.filter, after);
  const auto now = log.after(wanted.filter, after.value_or(0), 1);
  if (!now.ok()) return problemOf(now.error());
  if (now->gone) return goneProblem();
  // All of a job's when nothing is said; of the panel what comes from now on.
  wanted.after = after.value_or(wanted.untilJobEnds ? 0 : now->span.newest);
  return followed(call, feed, std::move(wanted));
}

Field afterField() {
  return optional("after", Schema::integer("Only what came after the event of this id, oldest "
                                           "first; 0 = all that is kept. 410 "
                                           "when some of it is not kept any more.",
                                           0, INT64_MAX));
}

Route eventRoute(std::string path, std::string operation, std::string summary) {
  Route route = readRoute(Lane::kWorker, std::move(path), std::move(operation), "events:read",
                          std::move(summary));
  route.extent = Extent::kReach;
  route.answer = Answer::kList;
  route.streams = true;
  route.response = eventSchema();
  return route;
}

}  // namespace

std::vector<Route> eventRoutes(const Services& services) {
  EventLog* log = services.events;
  EventFeed* feed = services.eventFeed;
  Panel* panel = services.panel;
  const std::vector<std::string> columns{"id", "time", "type", "name", "job_id"};
  std::vector<Route> routes;

  Route all = eventRoute("/api/v1/events", "event.list",
                         "Lists what has changed, newest first, or follows it as it does.");
  all.cli = Cli{"event list", {}, columns, ListOrder::kNewestFirst};
  all.query = {
      optional("type", Schema::choice("Only events of this type.", words(kEventTypes))),
      optional("object", Schema::choice("Only events of such things.", words(kEventObjects))),
      optional("object_id", Schema::text("Only events of the thing with this id.").length(1, 64)),
      afterField()};
  all.handler = [log, feed](const Call& call) {
    EventFeed::Wanted wanted;
    wanted.filter = {call.queryText("type"), call.queryText("object"), call.queryText("object_id"),
                     "", call.principal.reach};
    return eventsOf(call, *log, *feed, std::move(wanted));
  };
  routes.push_back(std::move(all));

  Route ofJob = eventRoute("/api/v1/jobs/{job}/events", "job.events",
                           "Lists the events of one job, or follows it to its end.");
  ofJob.cli = Cli{"job events", {"job"}, columns, ListOrder::kNewestFirst};
  ofJob.query = {afterField()};
  ofJob.handler = [log, feed, panel](const Call& call) -> Answered {
    const auto job = panel->job(call.pathValue("job"));
    if (!job.ok()) return problemOf(job.error());
    EventFeed::Wanted wanted;
    wanted.filter.jobId = job->id;  // whoever reaches the job reaches what it did
    wanted.untilJobEnds = true;
    wanted.jobHasEnded = job->ended();
    return eventsOf(call, *log, *feed, std::move(wanted));
  };
  routes.push_back(std::move(ofJob));
  return routes;
}

}  // namespace bulkhead::api
