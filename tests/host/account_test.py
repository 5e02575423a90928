"""A hosting account from nothing to nothing, over REST, looked at from outside and from inside."""
import json

from support import wait_until

NAME, DOMAIN = "alice", "alice.example"


def uid_of(host, name):
    return host.api("GET", f"/api/v1/accounts/{name}")["uid"]


def test_dry_run_touches_nothing(host):
    host.ensure_plan()
    before = host.run("sha256sum", "/etc/passwd", "/etc/subuid").stdout
    body = {"username": NAME, "plan": "small", "domain": DOMAIN, "preview_port": True}
    change = host.api("POST", "/api/v1/accounts?dry_run=true", body)
    operations = [item["operation"] for item in change["changes"]]
    assert list(dict.fromkeys(operations)) == ["account.create", "quota.set", "engine.ensure", "service.apply", "site.apply", "firewall.open"] or \
        list(dict.fromkeys(operations)) == ["account.create", "engine.ensure", "service.apply", "site.apply", "firewall.open"], operations
    diffs = "\n".join(item["diff"] for item in change["changes"])
    assert "+alice:x:" in diffs and "server_name" in diffs and "alice.example;" in diffs, diffs[-2000:]
    assert host.run("sha256sum", "/etc/passwd", "/etc/subuid").stdout == before
    assert host.request("GET", f"/api/v1/accounts/{NAME}").status == 404
    host.expect_no_orphans()


def test_create_is_proved(host):
    job = host.do("POST", "/api/v1/accounts", {"username": NAME, "plan": "small", "domain": DOMAIN, "preview_port": True})
    states = {step["name"]: step["state"] for step in job["steps"]}
    assert states["account.create"] == states["site.apply"] == states["firewall.open"] == "succeeded", states
    assert states["quota.set"] in ("succeeded", "skipped"), states  # the container's kernel has no project quotas; the VM has
    for step in job["steps"]:
        assert step["evidence"], step
    host.expect_no_orphans(NAME)


def test_its_page_is_served_by_its_own_container(host):
    answer = host.site(DOMAIN)
    assert answer.status == 200 and DOMAIN in answer.text, (answer.status, answer.text[:300])
    assert host.site("nobody.example").status != 200
    host.run("sed", "-i", "s/.*/changed by its owner/", f"/home/{NAME}/sites/{DOMAIN}/public/index.html")
    assert "changed by its owner" in host.site(DOMAIN).text


def test_limits_context_and_rules_are_its_own(host):
    uid = uid_of(host, NAME)
    show = host.run("systemctl", "show", f"bulkhead-account-{uid}.slice", "-p", "CPUQuotaPerSecUSec", "-p", "MemoryMax", "-p", "TasksMax").stdout
    assert "CPUQuotaPerSecUSec=500ms" in show and f"MemoryMax={512 << 20}" in show and "TasksMax=300" in show, show
    containers = host.run("docker", "--config", "/var/lib/bulkhead/docker", "--context", NAME, "ps", "--format", "{{json .Labels}}").stdout.splitlines()
    assert len(containers) == 1 and f"bulkhead.account={uid}" in containers[0], containers
    port = host.api("GET", f"/api/v1/accounts/{NAME}")["preview_port"]
    status = host.run("ufw", "status").stdout
    assert any(line.startswith(f"{port}/tcp") and line.rstrip().endswith(f"# {NAME}") for line in status.splitlines()), status


def test_another_tenant_reaches_nothing(host):
    host.do("POST", "/api/v1/accounts", {"username": "mallory", "plan": "small", "domain": "mallory.example"})
    alice, mallory = uid_of(host, NAME), uid_of(host, "mallory")
    for path in (f"/home/{NAME}", f"/run/bulkhead-engine/{alice}", f"/run/bulkhead-sites/{alice}", "/var/lib/bulkhead", "/var/lib/bulkhead-api", "/var/log/bulkhead"):
        done = host.run("setpriv", "--reuid", str(mallory), "--regid", str(mallory), "--clear-groups", "ls", path, check=False)
        assert done.returncode != 0 and "Permission denied" in done.stderr, (path, done)
    probe = "import socket,sys;s=socket.socket(socket.AF_UNIX);s.settimeout(5);s.connect(sys.argv[1]);s.sendall(b'GET /healthz HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n');print(len(s.recv(100)))"
    refused = host.run("setpriv", "--reuid", str(mallory), "--regid", str(mallory), "--clear-groups", "python3", "-c", probe, "/run/bulkhead/api.sock", check=False)
    assert refused.returncode != 0 or refused.stdout.strip() == "0", refused
    for socket_path in ("/run/bulkhead/agent.sock", "/run/bulkhead/agent-admin.sock"):
        assert host.run("setpriv", "--reuid", str(mallory), "--regid", str(mallory), "--clear-groups", "python3", "-c", probe, socket_path, check=False).returncode != 0
    host.do("POST", "/api/v1/accounts/mallory/actions/purge")


def test_suspended_means_stopped_and_said_so(host):
    uid = uid_of(host, NAME)
    host.do("POST", f"/api/v1/accounts/{NAME}/actions/suspend")
    page = host.site(DOMAIN)
    assert page.status == 503 and "retry-after" not in page.headers, page.headers  # nobody knows when it ends
    assert host.run("pgrep", "-u", str(uid), check=False).returncode == 1
    host.do("POST", f"/api/v1/accounts/{NAME}/actions/unsuspend")
    assert host.site(DOMAIN).status == 200


def test_deleted_can_be_restored_as_it_was(host):
    uid = uid_of(host, NAME)
    page = host.site(DOMAIN).text
    job = host.do("DELETE", f"/api/v1/accounts/{NAME}")
    assert any("503" in fact["detail"] for step in job["steps"] for fact in step["evidence"]), job
    assert host.site(DOMAIN).status == 503
    assert host.run("pgrep", "-u", str(uid), check=False).returncode == 1
    deleted = host.api("GET", f"/api/v1/accounts/{NAME}")
    assert deleted["state"] == "deleted" and deleted["restore_until"] > deleted["deleted_at"], deleted
    assert NAME not in {account["username"] for account in host.api("GET", "/api/v1/accounts")["data"]}
    assert NAME in {account["username"] for account in host.api("GET", "/api/v1/accounts?state=deleted")["data"]}
    host.cli("account", "restore", NAME)
    assert uid_of(host, NAME) == uid
    assert host.site(DOMAIN).status == 200 and host.site(DOMAIN).text == page


def test_domains_come_and_go(host):
    host.do("POST", f"/api/v1/accounts/{NAME}/domains", {"name": "bücher.example"})
    assert host.site("xn--bcher-kva.example").status == 200
    host.do("DELETE", "/api/v1/domains/xn--bcher-kva.example")
    assert host.site("xn--bcher-kva.example").status != 200
    assert host.site(DOMAIN).status == 200


def test_site_survives_the_daemons_and_a_restart_of_nginx(host):
    host.run("systemctl", "stop", "bulkhead-agent.service", "bulkhead-api.service", "bulkhead-gateway.service")
    assert host.site(DOMAIN).status == 200
    host.run("systemctl", "restart", "nginx.service")
    wait_until(lambda: host.site(DOMAIN).status == 200, 10, "the page after a restart of nginx")
    host.run("systemctl", "start", "bulkhead-agent.service", "bulkhead-api.service", "bulkhead-gateway.service")
    wait_until(lambda: host.request("GET", "/readyz", token=None).status == 200, 20, "the API")


def test_purge_leaves_nothing_and_retires_the_uid(host):
    uid = uid_of(host, NAME)
    host.run("setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups", "touch", f"/tmp/left-by-{NAME}")
    host.run("systemd-run", "--uid", str(uid), "--no-block", "sleep", "1000")
    host.do("POST", f"/api/v1/accounts/{NAME}/actions/purge")
    host.expect_no_orphans()
    assert host.site(DOMAIN).status != 200
    host.do("POST", "/api/v1/accounts", {"username": NAME, "plan": "small", "domain": DOMAIN})
    assert uid_of(host, NAME) > uid
    host.do("POST", f"/api/v1/accounts/{NAME}/actions/purge")
    host.expect_no_orphans()


def test_audit_says_who_did_what(host):
    records = [json.loads(line) if isinstance(line, str) else line for line in host.api("GET", f"/api/v1/audit?account={NAME}&limit=100")["data"]]
    operations = [record["op"] for record in records if record["kind"] == "intent"]
    assert "account.create" in operations and "account.delete" in operations, operations
    assert host.cli("audit", "verify").stdout.startswith("audit verify: ok, ")
