"""Inputs and situations that must be refused clearly, with nothing changed."""
import concurrent.futures
import json

from support import wait_until

TAKEN = ["root", "www-data", "bulkhead-api", "systemd-network", "daemon", "mail"]
BAD_NAMES = ["", "-rf", "a/b", "..", "Alice", "a\u0000b", "a\nb", "a" * 33, "a b", "é", "a:b", "1abc", "ends-", *TAKEN]
BAD_DOMAINS = ["", "localhost", "a" * 64 + ".example", ".".join(["a" * 60] * 4) + ".example.test.x", "*.example.test", "a..example", "a.example ", "a.example/x",
               "a_b.example", "-a.example", "a.example\n", "xn--a.example", "127.0.0.1", "[::1]", "a b.example", "x" * 300]


def fingerprint(host):
    return host.run("sha256sum", "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/subuid", "/etc/ufw/user.rules").stdout + host.run("ls", "/home", "/etc/nginx/bulkhead/sites").stdout


def refuse(host, body, *statuses, path="/api/v1/accounts", method="POST"):
    answer = host.request(method, path, body)
    assert answer.status in statuses, (body if len(str(body)) < 200 else "...", answer.status, answer.text[:500])
    problem = answer.body
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
    assert problem["code"] and problem["request_id"] and problem["status"] == answer.status, problem
    return problem


def test_names_and_domains(host):
    host.ensure_plan()
    before = fingerprint(host)
    for name in BAD_NAMES:
        refuse(host, {"username": name, "plan": "small", "domain": "fine.example"}, 400, 409, 422)
    for domain in BAD_DOMAINS:
        refuse(host, {"username": "fine", "plan": "small", "domain": domain}, 400, 422)
    assert fingerprint(host) == before


def test_a_system_user_that_the_panel_does_not_know(host):
    host.run("useradd", "--no-create-home", "handmade")
    try:
        job = host.wait_for_job(host.api("POST", "/api/v1/accounts", {"username": "handmade", "plan": "small", "domain": "handmade.example"}))
        assert job["state"] == "rolled_back" and job["problem"]["code"] == "already_exists", json.dumps(job)[:900]
        assert "handmade" in host.run("getent", "passwd", "handmade").stdout
    finally:
        host.run("userdel", "handmade")
    host.expect_no_orphans()


def test_bodies(host):
    before = fingerprint(host)
    good = {"username": "fine", "plan": "small", "domain": "fine.example"}
    refuse(host, {**good, "uid": 0}, 400, 422)
    refuse(host, '{"username":"fine","username":"root","plan":"small","domain":"fine.example"}', 400)
    refuse(host, {**good, "username": 5}, 400, 422)
    refuse(host, {**good, "domain": ["fine.example"]}, 400, 422)
    refuse(host, "[" * 100000, 400, 413)
    refuse(host, b'{"username":"\xff\xfe","plan":"small","domain":"fine.example"}', 400)
    refuse(host, '{"username":"fine"', 400)
    assert host.request("POST", "/api/v1/accounts", '{"username":"' + "a" * (2 << 20) + '"}').status == 413
    for field, value in (("memory_bytes", -1), ("memory_bytes", 1), ("cpu_percent", 10**9), ("disk_bytes", 2**70), ("tasks", -5), ("cpu_percent", 1.5), ("tasks", "many")):
        refuse(host, {"name": "bad", "cpu_percent": 50, "memory_bytes": 1 << 29, "tasks": 100, field: value}, 400, 422, path="/api/v1/plans")
    assert fingerprint(host) == before


def test_somebody_elses_domain(host):
    host.do("POST", "/api/v1/accounts", {"username": "owner", "plan": "small", "domain": "owned.example"})
    host.do("POST", f"/api/v1/accounts/owner/domains", {"name": "münchen.example"})
    for domain in ("owned.example", "OWNED.example", "shop.owned.example", "xn--mnchen-3ya.example", "a.münchen.example"):
        refuse(host, {"username": "thief", "plan": "small", "domain": domain}, 409)
    host.expect_no_orphans("owner")


def test_same_name_at_the_same_moment(host):
    body = {"username": "twin", "plan": "small"}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: host.request("POST", "/api/v1/accounts", {**body, "domain": f"twin{i}.example"}), range(8)))
    accepted = [answer for answer in answers if answer.status == 202]
    assert len(accepted) == 1 and all(answer.status == 409 for answer in answers if answer not in accepted), [answer.status for answer in answers]
    assert host.wait_for_job(accepted[0].body)["state"] == "succeeded"
    host.do("POST", "/api/v1/accounts/twin/actions/purge")
    host.expect_no_orphans("owner")


def test_agent_down_means_503_and_a_started_job_goes_on(host):
    units = ("bulkhead-agent.socket", "bulkhead-agent-admin.socket", "bulkhead-agent.service")
    job = host.api("POST", "/api/v1/accounts", {"username": "patient", "plan": "small", "domain": "patient.example"})
    host.run("systemctl", "stop", *units)
    try:
        assert host.request("GET", "/readyz", token=None).status == 503
        problem = refuse(host, {"username": "toolate", "plan": "small", "domain": "toolate.example"}, 503)
        assert problem["code"] == "unavailable" and problem["retryable"], problem
    finally:
        host.run("systemctl", "start", *units)
    assert host.wait_for_job(job)["state"] == "succeeded"
    assert host.request("GET", "/api/v1/accounts/toolate").status == 404
    host.do("POST", "/api/v1/accounts/patient/actions/purge")


def test_nginx_broken_by_hand(host):
    broken = "/etc/nginx/conf.d/zz-by-hand.conf"
    host.run("tee", broken, input="server { this is not nginx; }\n")
    try:
        job = host.wait_for_job(host.api("POST", "/api/v1/accounts/owner/domains", {"name": "later.example"}))
        assert job["state"] == "rolled_back" and job["problem"]["code"] == "conflict" and "zz-by-hand" in json.dumps(job["problem"]), json.dumps(job)[:1200]
        assert host.site("owned.example").status == 200
    finally:
        host.run("rm", broken)
    host.do("POST", "/api/v1/accounts/owner/domains", {"name": "later.example"})
    assert host.site("later.example").status == 200


def test_engine_that_cannot_start(host):
    dropin = "/etc/systemd/system/bulkhead-engine@.service.d"
    host.run("mkdir", "-p", dropin)
    host.run("tee", f"{dropin}/broken.conf", input="[Service]\nExecStart=\nExecStart=/bin/false\nRestart=no\n")
    host.run("systemctl", "daemon-reload")
    try:
        job = host.wait_for_job(host.api("POST", "/api/v1/accounts", {"username": "engineless", "plan": "small", "domain": "engineless.example"}))
        assert job["state"] == "rolled_back", json.dumps(job)[:1200]
        host.expect_no_orphans("owner")
        # Nor does it keep an account that has an engine.
        host.run("systemctl", "stop", f"bulkhead-engine@{host.api('GET', '/api/v1/accounts/owner')['uid']}.service")
        job = host.do("POST", "/api/v1/accounts/owner/actions/purge")
        assert "the engine does not start" in json.dumps(job["steps"]), json.dumps(job)[:2000]
    finally:
        host.run("rm", "-r", dropin)
        host.run("systemctl", "daemon-reload")
    wait_until(lambda: host.orphans() == [], 5, "a clean host")


def test_wrong_credentials_and_strangers(host):
    wrong = host.request("POST", "/api/v1/sessions", {"username": "main", "password": "wrong password wrong"}, token=None)
    nobody = host.request("POST", "/api/v1/sessions", {"username": "nobody-here", "password": "wrong password wrong"}, token=None)
    assert wrong.status == nobody.status == 401
    strip = lambda body: {key: value for key, value in body.items() if key not in ("request_id", "instance")}
    assert strip(wrong.body) == strip(nobody.body)
    assert host.request("GET", "/api/v1/accounts", token=None).status == 401
    assert host.request("GET", "/api/v1/accounts", token="0" * 43).status == 401
