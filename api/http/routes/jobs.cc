// Jobs: list and get. A failed job is read with 200: reading it did not fail.
#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

std::vector<Route> jobRoutes(const Services& services) {
  Panel* panel = services.panel;
  const std::vector<std::string> columns{"id", "kind", "state", "progress", "actor", "created_at"};
  std::vector<Route> routes;

  Route list = readRoute(Lane::kWorker, "/api/v1/jobs", "job.list", "jobs:read",
                         "Lists the jobs, newest first.");
  list.extent = Extent::kReach;
  list.answer = Answer::kList;
  list.response = jobSchema();
  list.cli = Cli{"job list", {}, columns, ListOrder::kNewestFirst};
  list.query = {optional("parent", Schema::text("Only the parts of this job.", Format::kJobId))};
  list.handler = [panel](const Call& call) {
    return pageReply(call, panel->jobs(call.page, call.queryText("parent")));
  };
  routes.push_back(std::move(list));

  Route get = readRoute(Lane::kWorker, "/api/v1/jobs/{job}", "job.get", "jobs:read",
                        "Reads one job with its steps and their evidence.");
  get.extent = Extent::kReach;
  get.waits = true;
  get.response = jobSchema();
  get.cli = Cli{"job get", {"job"}, columns};
  get.handler = [panel](const Call& call) -> Answered {
    const auto& id = call.pathValue("job");
    return replyOr(call.wait.count() > 0 ? panel->waitForJob(id, call.wait) : panel->job(id),
                   [](const Job& job) { return resourceReply(200, toJson(job)); });
  };
  routes.push_back(std::move(get));
  return routes;
}

}  // namespace bulkhead::api
