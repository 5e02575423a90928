"""kill -9 of the agent or the API at twenty moments of a creation: afterwards the account is there completely, or not at all."""
import http.client
import random
import time

from support import Refused, note_points, wait_until

MOMENTS = 20


def kill(host, unit):
    host.run("systemctl", "kill", "--signal=KILL", "--kill-whom=all", unit)


def ready(host):
    return host.request("GET", "/readyz", token=None).status == 200


def test_killed_at_twenty_moments(host):
    host.ensure_plan()
    started = time.monotonic()
    host.do("POST", "/api/v1/accounts", {"username": "measure", "plan": "small", "domain": "measure.example"})
    whole = time.monotonic() - started
    host.do("POST", "/api/v1/accounts/measure/actions/purge")
    seed = int(time.time())
    random.seed(seed)
    outcomes = {"created": 0, "absent": 0}
    print(f"        one creation takes {whole:.1f} s; seed {seed}")
    for number in range(MOMENTS):
        name = f"crash{number:02d}"
        unit = "bulkhead-agent.service" if number % 2 == 0 else "bulkhead-api.service"
        moment = whole * (number + random.random()) / MOMENTS
        job = host.api("POST", "/api/v1/accounts", {"username": name, "plan": "small", "domain": f"{name}.example"})
        time.sleep(moment)
        kill(host, unit)
        wait_until(lambda: ready(host), 30, f"{unit} after its death")
        job = host.wait_for_job(job)
        if job["state"] == "succeeded":
            outcomes["created"] += 1
            assert host.site(f"{name}.example").status == 200, name
            host.expect_no_orphans(name)
            host.do("POST", f"/api/v1/accounts/{name}/actions/purge")
        else:
            outcomes["absent"] += 1
            assert job["state"] == "rolled_back", job
            assert host.request("GET", f"/api/v1/accounts/{name}").status == 404
        host.expect_no_orphans(when=f"{name}, {unit} killed after {moment}")
    print(f"        {outcomes}")
    note_points("crash_test.test_killed_at_twenty_moments", MOMENTS)
    assert host.cli("audit", "verify").stdout.startswith("audit verify: ok, ")


def test_what_hangs_is_restarted(host):
    # Stopped, as by an endless loop: systemd hears nothing within WatchdogSec and starts another one.
    units = ("bulkhead-agent.service", "bulkhead-api.service")
    pids = {unit: host.run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout for unit in units}
    for unit in units:
        host.run("systemctl", "kill", "--signal=STOP", "--kill-whom=main", unit)
    for unit in units:
        wait_until(lambda unit=unit: host.run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout not in (pids[unit], "0\n"), 100, f"another {unit}")
    wait_until(lambda: ready(host), 30, "both daemons again")


def test_killed_while_deleting(host):
    for number, unit in enumerate(("bulkhead-agent.service", "bulkhead-api.service", "bulkhead-agent.service")):
        name = f"gone{number}"
        host.do("POST", "/api/v1/accounts", {"username": name, "plan": "small", "domain": f"{name}.example"})
        job = host.api("POST", f"/api/v1/accounts/{name}/actions/purge")
        time.sleep(0.3 + number * 0.5)
        kill(host, unit)
        wait_until(lambda: ready(host), 30, f"{unit} after its death")
        try:
            assert host.wait_for_job(job)["state"] == "succeeded"
        except (Refused, http.client.HTTPException) as problem:
            raise AssertionError(f"job of {name} was lost") from problem
        host.expect_no_orphans(when=name)
