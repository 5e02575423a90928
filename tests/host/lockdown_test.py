"""The kill-switch: sessions and tokens end, nothing is changed any more, sites are served; root alone ends it."""
import json

from support import wait_until


def status(host):
    return json.loads(host.cli("--json", "lockdown", "status").stdout)


def panel_shows(host, since):
    """The agent counts seconds; the panel prints fractions of them, too."""
    shown = host.request("GET", "/api/v1/lockdown").body
    return shown["on"] and shown.get("since", "")[:19] == since[:19]


def refused(host, method, path, body=None):
    answer = host.request(method, path, body)
    assert answer.status == 503 and answer.body["code"] == "locked_down" and answer.headers["retry-after"], (path, answer.status, answer.text[:300])


def test_everything_stops_but_the_sites(host):
    host.ensure_plan()
    host.do("POST", "/api/v1/accounts", {"username": "locked", "plan": "small", "domain": "locked.example"})
    token = host.api("POST", "/api/v1/tokens", {"name": "billing", "scopes": ["accounts:read", "accounts:write"]})["secret"]
    assert host.request("GET", "/api/v1/accounts/locked", token=token).status == 200
    # A job that has begun and is not over waits for the end of it.
    begun = host.api("POST", "/api/v1/accounts", {"username": "halfway", "plan": "small", "domain": "halfway.example"})
    host.cli("lockdown", "on")
    try:
        since = status(host)["since"]
        assert host.request("GET", "/api/v1/accounts").status == 401, "the session of before"
        assert host.request("GET", "/api/v1/accounts", token=token).status == 401, "the token of before"
        host.log_in()
        assert host.api("GET", "/api/v1/accounts/locked")["state"] == "active"
        assert panel_shows(host, since)
        refused(host, "POST", "/api/v1/accounts", {"username": "more", "plan": "small", "domain": "more.example"})
        refused(host, "POST", "/api/v1/accounts/locked/actions/suspend")
        refused(host, "POST", "/api/v1/tokens", {"name": "more", "scopes": ["accounts:read"]})
        assert host.cli("account", "suspend", "locked", check=False).returncode != 0, "root too asks by the panel here"
        assert host.site("locked.example").status == 200
        for unit in ("bulkhead-agent.service", "bulkhead-api.service"):
            host.run("systemctl", "restart", unit)
        wait_until(lambda: host.request("GET", "/readyz", token=None).status == 200, 30, "both daemons again")
        assert status(host) == {"on": True, "since": since}
        wait_until(lambda: panel_shows(host, since), 10, "the panel to know it again")
        refused(host, "POST", "/api/v1/accounts/locked/actions/suspend")
        assert host.site("locked.example").status == 200
        assert host.api("GET", f"/api/v1/jobs/{begun['id']}")["state"] in ("queued", "running", "succeeded")
    finally:
        host.cli("lockdown", "off")
    assert status(host) == {"on": False}
    assert host.wait_for_job(begun)["state"] == "succeeded"
    for name in ("locked", "halfway"):
        host.do("POST", f"/api/v1/accounts/{name}/actions/purge")
    assert host.cli("audit", "verify").stdout.startswith("audit verify: ok, ")


def test_an_administrator_turns_it_on_and_only_root_off(host):
    host.log_in()
    assert host.api("POST", "/api/v1/lockdown")["on"] is True
    try:
        assert host.request("GET", "/api/v1/accounts").status == 401, "his own session ends as well"
        host.log_in()
        assert host.request("DELETE", "/api/v1/lockdown").status == 405
        wrong = host.run("runuser", "-u", "nobody", "--", "/usr/sbin/bulkhead", "lockdown", "off", check=False)
        assert wrong.returncode == 4, wrong
        assert status(host)["on"] is True
    finally:
        host.cli("lockdown", "off")
    host.log_in()
