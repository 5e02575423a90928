#include "api/http/event_json.h"

#include <vector>

#include "api/http/model_json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

// How long a browser waits before it connects again.
constexpr const char* kRetry = "retry: 2000\n";

Json orNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::vector<std::string> words(const auto& list) { return {list.begin(), list.end()}; }

}  // namespace

Schema eventSchema() {
  return Schema::object(
      "Event", "Something that has changed.",
      {required("id", Schema::integer("Counts up in the order in which changes became true.", 1,
                                      INT64_MAX)),
       required("time", timestampSchema("When it was written.")),
       required("type", Schema::choice("What happened to what.", words(kEventTypes))),
       required("object", Schema::choice("The kind of thing.", words(kEventObjects))),
       required("object_id", Schema::text("Its id; of a database user its name.")),
       required("name", Schema::text("What it was called then; of a job its kind.")),
       required("account_id", Schema::text("The account it belongs to; null = none.").nullable()),
       required("job_id", Schema::text("The job that did it; null = none.").nullable()),
       required("request_id", Schema::text("Of the request behind it; null = none.").nullable()),
       required("data", Schema::any("What is worth knowing of it, by type."))});
}

Json toJson(const Event& event) {
  Json out = Json::object();
  out["id"] = event.id;
  out["time"] = timestamp(event.time);
  out["type"] = event.type;
  out["object"] = event.object;
  out["object_id"] = event.objectId;
  out["name"] = event.name;
  out["account_id"] = orNull(event.accountId);
  out["job_id"] = orNull(event.jobId);
  out["request_id"] = orNull(event.requestId);
  const auto data = parseJson(event.data);
  out["data"] = data.ok() ? *data : Json::object();
  return out;
}

std::string_view contentTypeOf(EventForm form) {
  return form == EventForm::kServerSent ? "text/event-stream" : "application/x-ndjson";
}

// printJson() writes one line, so that no value can begin a field of its own.
std::string frameOf(EventForm form, const Event& event) {
  const std::string json = printJson(toJson(event));
  if (form == EventForm::kLines) return json + "\n";
  return "id: " + std::to_string(event.id) + "\nevent: " + event.type + "\ndata: " + json + "\n\n";
}

std::string heartbeat(EventForm form, std::int64_t position) {
  const std::string id = std::to_string(position);
  if (form == EventForm::kLines) return "{\"id\":" + id + ",\"type\":\"heartbeat\"}\n";
  return ": heartbeat\nid: " + id + "\n\n";
}

std::string greeting(EventForm form, std::int64_t position) {
  if (form == EventForm::kLines) return heartbeat(form, position);
  return kRetry + heartbeat(form, position);
}

}  // namespace bulkhead::api
