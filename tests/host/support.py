"""One running test host, as the host tests see it: its shell-free command runner, its REST API, its sites and its orphan checker."""
import http.client
import json
import os
import pathlib
import ssl
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEST_HOST = str(ROOT / "tools" / "test-host")
PANEL_PORT = 2087
SITES_PORT = 8080
PASSWORD = "walnut tractor violin lamp"  # of the administrator that exists only inside a disposable host


class Skip(Exception):
    """This environment cannot run the test; the reason is printed and counted."""


class Refused(AssertionError):
    """The API answered with a problem."""

    def __init__(self, status, problem):
        super().__init__(f"{status}: {json.dumps(problem)[:600]}")
        self.status, self.problem = status, problem


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def body(self):
        return json.loads(self.text)


class Host:
    """A container host, or, with vm=True, a virtual machine with Debian's own kernel. Without publish, and in a virtual machine, no port
    leads to it: use cli(). Without packages it is plain Debian, and has neither panel nor ports."""

    def __init__(self, name, packages, vm=False, publish=True):
        self.name, self.packages, self.token, self.vm = name, packages, None, vm
        self.published = publish and packages is not None and not vm
        self.tool = [TEST_HOST, "vm"] if vm else [TEST_HOST]

    # ---- life

    def up(self, keep=False):
        status = subprocess.run([*self.tool, "status", self.name, "--json"], capture_output=True, text=True)
        running = status.returncode == 0 and json.loads(status.stdout or "{}").get("state") == "running"
        if running and not keep:
            self.down()
            running = False
        if not running:
            if self.packages is None:
                subprocess.run([*self.tool, "up", self.name, "--no-publish"], check=True)
                return
            publish = [] if self.vm else ["--publish" if self.published else "--no-publish"]
            subprocess.run([*self.tool, "up", self.name, "--packages", self.packages, *publish], check=True)
            print(self.run("bulkhead", "setup").stdout, flush=True)
        if self.published:
            self.log_in()

    def down(self):
        subprocess.run([*self.tool, "down", self.name], check=False)

    # ---- commands inside

    def run(self, *command, input=None, check=True, timeout=300):
        done = subprocess.run([*self.tool, "exec", self.name, "--", *command], input=input, capture_output=True, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def python(self, source, *arguments, check=True):
        """Runs a Python program inside; source is its text."""
        return self.run("python3", "-I", "-", *arguments, input=source, check=check)

    def cli(self, *arguments, check=True, input=None):
        return self.run("bulkhead", *arguments, check=check, input=input)

    def print_journal(self):
        done = self.run("journalctl", "-u", "bulkhead-agent", "-u", "bulkhead-api", "-n", "60", "--no-pager", "-o", "cat", check=False)
        print("---- journal of the daemons\n" + done.stdout[-6000:] + "----", flush=True)

    # ---- REST

    def request(self, method, path, body=None, token="session", headers=None, timeout=120):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the host made its certificate itself a minute ago
        connection = http.client.HTTPSConnection("127.0.0.1", PANEL_PORT, context=context, timeout=timeout)
        sent = {"Accept": "application/json", **(headers or {})}
        data = None
        if body is not None:
            data = body if isinstance(body, (bytes, str)) else json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        if token == "session":
            sent["Authorization"] = "Bearer " + self.token
        elif token:
            sent["Authorization"] = "Bearer " + token
        try:
            connection.request(method, path, data, sent)
            got = connection.getresponse()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read().decode())
        finally:
            connection.close()

    def api(self, method, path, body=None, **keywords):
        """Like request(), but a refusal is an exception and the parsed body the answer."""
        answer = self.request(method, path, body, **keywords)
        if answer.status == 403 and "step_up_required" in answer.text:  # the login is more than five minutes ago
            self.token = self.api("POST", "/api/v1/sessions/current/proof", {"password": PASSWORD})["token"]
            answer = self.request(method, path, body, **keywords)
        if answer.status >= 400:
            raise Refused(answer.status, answer.body)
        return answer.body if answer.text else None

    def log_in(self):
        code = json.loads(self.cli("--json", "bootstrap", "issue", check=False).stdout or "{}").get("code")
        if code:
            self.request("POST", "/api/v1/bootstrap", {"code": code, "username": "main", "password": PASSWORD}, token=None)
        self.token = self.api("POST", "/api/v1/sessions", {"username": "main", "password": PASSWORD}, token=None)["token"]

    def wait_for_job(self, job, seconds=240):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                job = self.api("GET", f"/api/v1/jobs/{job['id']}", headers={"Prefer": "wait=20"})
            except (OSError, http.client.HTTPException, Refused) as problem:  # the API may be restarting; the job must survive that
                if isinstance(problem, Refused) and problem.status not in (502, 503, 504):
                    raise
                time.sleep(0.3)
                continue
            if job["state"] in ("succeeded", "failed", "rolled_back", "cancelled"):
                return job
            time.sleep(0.2)
        raise AssertionError(f"job {job['id']} did not end: {json.dumps(job)[:800]}")

    def do(self, method, path, body=None):
        """A change that must succeed: starts the job, waits, answers it."""
        job = self.wait_for_job(self.api(method, path, body))
        assert job["state"] == "succeeded", json.dumps(job, indent=1)[-3000:]
        return job

    def ensure_plan(self, name="small", **limits):
        wanted = {"name": name, "cpu_percent": 50, "memory_bytes": 512 << 20, "tasks": 300, "disk_bytes": 1 << 30, "inodes": 100000, "domains_max": 5}
        wanted.update(limits)
        try:
            return self.api("POST", "/api/v1/plans", wanted)
        except Refused as problem:
            if problem.status != 409:
                raise
            return self.api("GET", f"/api/v1/plans/{name}")

    # ---- sites

    def site(self, domain, path="/", timeout=10):
        connection = http.client.HTTPConnection("127.0.0.1", SITES_PORT, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Host": domain})
            got = connection.getresponse()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read().decode(errors="replace"))
        except http.client.RemoteDisconnected:
            return Answer(444, {}, "")  # what Nginx calls hanging up on a name that nobody holds
        finally:
            connection.close()

    def orphans(self, *living):
        """What is left of accounts that are not in `living`."""
        source = (ROOT / "tests" / "support" / "orphans.py").read_text()
        return json.loads(self.python(source, *living).stdout)

    def expect_no_orphans(self, *living, when=""):
        found = self.orphans(*living)
        assert not found, "\n  ".join([f"left of accounts that are gone: {when}", *found])


def note_points(test, points, lost=0):
    """For tools/points: how many faults a test has gone through (see tests/support/points.h)."""
    path = os.environ.get("BULKHEAD_POINTS")
    if path:
        with open(path, "a", encoding="ascii") as file:
            file.write(json.dumps({"test": test, "points": points, "lost": lost}) + "\n")


def wait_until(condition, seconds=30, what="the condition"):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come true within {seconds} s")
