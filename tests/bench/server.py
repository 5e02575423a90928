"""What only a server with the packages can tell: the panel's share of creating an account, and the memory of the idle daemons."""
import json
import pathlib
import re
import statistics
import sys

from rig import ROOT, Figure

sys.path.insert(0, str(ROOT / "tests" / "host"))
from support import Host, wait_until  # noqa: E402  (needs the path above)

# Runs in the host: asks as root on the API's socket, waits for the job's end with the request, and prints what a caller would have measured.
CREATE = r'''
import http.client, json, socket, sys, time
class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/bulkhead/api.sock")
def ask(method, path, body=None, headers={}):
    connection = Connection("localhost", timeout=120)
    connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json", **headers} if body is not None else headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status >= 400: sys.exit(f"{method} {path}: {answer.status} {text}")
    return json.loads(text) if text else None
name, wait = sys.argv[1], {"Prefer": "wait=50"}
begun = time.monotonic()
job = ask("POST", "/api/v1/accounts", {"username": name, "plan": "bench", "domain": name + ".example", "preview_port": True}, wait)
while job["ended_at"] is None: job = ask("GET", "/api/v1/jobs/" + job["id"], headers=wait)
job["caller_micros"] = round((time.monotonic() - begun) * 1e6)
print(json.dumps(job))
'''


def create_account(host, name):
    job = json.loads(host.python(CREATE, name).stdout)
    assert job["state"] == "succeeded", json.dumps(job, indent=1)[-3000:]
    total = job["caller_micros"]
    external = sum(step["external_micros"] for step in job["steps"])
    steps = {step["name"]: step["external_micros"] for step in job["steps"]}
    return {"total_micros": total, "external_micros": external, "share": (total - external) / total, "external_of_steps": steps}


def overhead(host, accounts, say):
    host.cli("plan", "create", "bench", "--cpu", "0", "--memory", "512M", "--tasks", "400", "--disk", "1G", "--inodes", "100000", "--domains-max", "5")
    create_account(host, "warmup")
    created = []
    for number in range(accounts):
        one = create_account(host, f"bench{number}")
        created.append(one)
        say(f"account {number + 1} of {accounts}: {one['total_micros'] / 1000:.0f} ms, of which the panel {(one['total_micros'] - one['external_micros']) / 1000:.0f} ms")
        # Running engines of accounts before would be what is measured.
        host.cli("account", "purge", f"bench{number}", "--yes")
    shares = [one["share"] for one in created]
    return Figure("CREATE: the panel's own share of creating an account", statistics.median(shares), "share", ("at most", 0.15), min(shares), max(shares), len(shares),
                  {"total_ms": round(statistics.median(one["total_micros"] for one in created) / 1000, 1),
                   "panel_ms": round(statistics.median(one["total_micros"] - one["external_micros"] for one in created) / 1000, 1)})


def memory(host, unit, limit_mb):
    pid = host.run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout.strip()
    sizes = [int(re.search(r"^VmRSS:\s+(\d+) kB", host.run("cat", f"/proc/{pid}/status").stdout, re.M).group(1)) / 1024 for _ in range(3)]
    return Figure(f"MEMORY: {unit.removesuffix('.service')}, idle, resident", statistics.median(sizes), "MB", ("at most", limit_mb), min(sizes), max(sizes), len(sizes), {})


def run(packages, accounts, say):
    host = Host("bench", str(pathlib.Path(packages).resolve()), publish=False)
    try:
        host.up()
        figures = [overhead(host, accounts, say)]
        host.run("systemctl", "restart", "bulkhead-agent.service", "bulkhead-api.service")
        wait_until(lambda: host.run("curl", "-sf", "--unix-socket", "/run/bulkhead/api.sock", "http://localhost/readyz", check=False).returncode == 0, 20, "the API")
        figures += [memory(host, "bulkhead-agent.service", 12), memory(host, "bulkhead-api.service", 30)]
        return figures
    except Exception:
        host.print_journal()
        raise
    finally:
        host.down()
