"""Twenty accounts, ten deleted, while one site is asked for its page all the time."""
import concurrent.futures
import http.client
import threading
import time

COUNT, DELETED = 20, 10


class Probe(threading.Thread):
    """Asks one site again and again; every answer but 200 is a failure."""

    def __init__(self, host, domain):
        super().__init__(daemon=True)
        self.host, self.domain, self.asked, self.failures, self.stopping = host, domain, 0, [], threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                answer = self.host.site(self.domain, timeout=5)
                if answer.status != 200:
                    self.failures.append(answer.status)
            except (OSError, http.client.HTTPException) as problem:
                self.failures.append(repr(problem))
            self.asked += 1
            time.sleep(0.05)

    def finish(self):
        self.stopping.set()
        self.join()
        return self.asked, self.failures


def test_twenty_created_ten_deleted_no_orphan_no_failed_request(host):
    host.ensure_plan()
    host.do("POST", "/api/v1/accounts", {"username": "steady", "plan": "small", "domain": "steady.example"})
    probe = Probe(host, "steady.example")
    probe.start()
    names = [f"churn{i:02d}" for i in range(COUNT)]
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: host.do("POST", "/api/v1/accounts", {"username": name, "plan": "small", "domain": f"{name}.example"}), names))
        created = time.monotonic()
        for name in names:
            assert host.site(f"{name}.example").status == 200, name
        list(pool.map(lambda name: host.do("POST", f"/api/v1/accounts/{name}/actions/purge"), names[:DELETED]))
    deleted = time.monotonic()
    asked, failures = probe.finish()
    print(f"        {COUNT} created in {created - started:.1f} s, {DELETED} deleted in {deleted - created:.1f} s, {asked} requests to the steady site, {len(failures)} failed")
    assert asked > 100 and not failures, failures[:10]
    host.expect_no_orphans("steady", *names[DELETED:])
    listed = {account["username"] for account in host.api("GET", "/api/v1/accounts?limit=100")["data"]}
    assert listed == {"steady", *names[DELETED:]}, listed
    for name in ["steady", *names[DELETED:]]:
        host.do("POST", f"/api/v1/accounts/{name}/actions/purge")
    host.expect_no_orphans()
