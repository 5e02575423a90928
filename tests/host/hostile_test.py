"""A REST server in an attacker's hands: another program in its place, in its own unit, tries everything, and says what the kernel and the
agent answered. What it may do is what the server needs; everything else has to fail."""
import json
import subprocess

from support import ROOT, wait_until

PROGRAM = "/usr/libexec/bulkhead/bulkhead-api"
STATE = "/var/lib/bulkhead-api"
DROP_IN = "/run/systemd/system/bulkhead-api.service.d/hostile.conf"
WATCHED = ["/etc", "/usr/libexec/bulkhead", "/usr/share/bulkhead", "/var/lib/bulkhead/agent/accounts", "/var/lib/bulkhead/agent/sites", "/home/hostage"]
# What the agent itself writes at any call.
UNWATCHED = {"/etc/mtab"}


def fingerprint(host):
    listed = host.run("find", *WATCHED, "-type", "f", "-exec", "sha256sum", "{}", "+").stdout
    modes = host.run("find", *WATCHED, "-printf", "%p %m %U %G %y %l\\n").stdout
    return sorted(line for line in (listed + modes).splitlines() if line.split()[-1] not in UNWATCHED)


def put(host, source, target):
    subprocess.run([*host.tool, "cp", host.name, str(source), target], check=True)


def attempts(host):
    """Runs the hostile program once in the server's place; what it tried, one record an attempt."""
    built = sorted(ROOT.glob("build/*/tests/hostile_api"), key=lambda path: path.stat().st_mtime)
    assert built, "build the target hostile_api first"
    put(host, built[-1], "/root/hostile_api")
    host.run("install", "-D", "-m", "0644", "/dev/stdin", DROP_IN, input="[Service]\nType=oneshot\nRemainAfterExit=yes\nRestart=no\nWatchdogSec=0\nTimeoutStartSec=400\n")
    host.run("cp", "-a", PROGRAM, "/root/bulkhead-api.kept")
    # The gateway knocks at the socket all the time, which would start the service again: the socket goes first, by itself.
    host.run("systemctl", "stop", "bulkhead-api.socket")
    host.run("systemctl", "stop", "bulkhead-api.service")
    try:
        host.run("install", "-m", "0755", "/root/hostile_api", PROGRAM)
        host.run("systemctl", "daemon-reload")
        host.run("systemctl", "start", "bulkhead-api.service", timeout=500)
        return [json.loads(line) for line in host.run("cat", f"{STATE}/hostile.jsonl").stdout.splitlines()]
    finally:
        host.run("systemctl", "stop", "bulkhead-api.socket", check=False)
        host.run("systemctl", "stop", "bulkhead-api.service", check=False)
        host.run("cp", "-a", "/root/bulkhead-api.kept", PROGRAM)
        host.run("rm", "-rf", DROP_IN)
        host.run("find", STATE, "-maxdepth", "1", "-name", "hostile*", "-delete")
        host.run("systemctl", "daemon-reload")
        host.run("systemctl", "reset-failed", "bulkhead-api.service", check=False)
        host.cli("lockdown", "off", check=False)  # ends with 8: the server is not back yet
        host.run("systemctl", "restart", "bulkhead-agent.service")  # which also ends the quarantine
        host.run("systemctl", "start", "bulkhead-api.socket", "bulkhead-api.service")
        wait_until(lambda: host.request("GET", "/readyz", token=None).status == 200, 30, "the server again")


def test_what_it_tries_fails(host):
    host.ensure_plan()
    host.do("POST", "/api/v1/accounts", {"username": "hostage", "plan": "small", "domain": "hostage.example"})
    before = fingerprint(host)
    records = attempts(host)
    for record in records:
        print(f"        {record['verdict']:<8} {record['attempt']}: {record['answer']}")
    counts = {verdict: sum(record["verdict"] == verdict for record in records) for verdict in sorted({record["verdict"] for record in records})}
    print(f"        {len(records)} attempts: {counts}")
    assert len(records) > 200, "the program did not come to its end"
    wrong = [record for record in records if record["verdict"] == "unconfined" or (record["verdict"] == "did" and not record["may"])]
    assert not wrong, wrong
    # Each attempt on the kernel alone dies of it or hears no; one that ends otherwise has tested nothing.
    lost = [record for record in records if record["verdict"] == "ended" and not record["attempt"].startswith("permitted: ")]
    assert not lost, lost
    after = fingerprint(host)
    assert after == before, sorted(set(before) ^ set(after))[:20]


def test_the_host_stands_as_before(host):
    host.log_in()
    assert host.site("hostage.example").status == 200
    assert host.api("GET", "/api/v1/accounts/hostage")["state"] == "active"
    denied = host.cli("--json", "audit", "list", "--limit", "200").stdout
    assert "permission_denied" in denied, "the agent has written down what it refused"
    assert "rule quarantine" in denied, "a server that goes on like this is shut out of all changes"
    assert host.cli("audit", "verify").stdout.startswith("audit verify: ok, ")
    host.do("POST", "/api/v1/accounts/hostage/actions/purge")
