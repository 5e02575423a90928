"""Mixed load for a while, with clients that vanish in the middle of requests and answers: nothing ends, no memory and no descriptor is lost.

A minute; half an hour when all is asked for (tools/test --deep)."""
import itertools
import os
import random
import re
import socket
import ssl
import statistics
import struct
import threading
import time

from support import PANEL_PORT, PASSWORD

SECONDS = 1800 if "BULKHEAD_DEEP" in os.environ else 60
UNITS = ("bulkhead-agent.service", "bulkhead-api.service")
GROWTH_KB = 2048  # of the second half's median above the first half's, beyond which something is kept that should not be
DESCRIPTORS = 16  # connections that happen to be open


def pids(host):
    return {unit: host.run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout.strip() for unit in UNITS}


def sample(host, pid):
    status = host.run("cat", f"/proc/{pid}/status").stdout
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1)), len(host.run("ls", f"/proc/{pid}/fd").stdout.split())


def vanish(token, chance):
    """Sends a whole request or a part of one, reads a little or nothing, and is gone without a word."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    text = f"GET /api/v1/accounts HTTP/1.1\r\nHost: panel\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", PANEL_PORT), timeout=10) as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with context.wrap_socket(plain) as line:
            line.sendall(text if chance.random() < 0.5 else text[:chance.randrange(len(text))])
            if chance.random() < 0.3:
                line.recv(chance.randrange(1, 200))


class Load:
    def __init__(self, host):
        self.host, self.counts, self.faults = host, {}, []
        self.end = time.monotonic() + SECONDS
        self.lock = threading.Lock()

    def run(self, number):
        chance = random.Random(number)
        steps = {"list": self.list, "dry run": self.dry_run, "wrong login": self.wrong_login, "unknown": self.unknown, "plan": self.plan,
                 "vanish": lambda chance: vanish(self.host.token, chance)}
        for round_number in itertools.count():
            if time.monotonic() > self.end:
                return
            name = chance.choice(["list", "list", "dry run", "unknown", "vanish", "vanish", "plan"] + (["wrong login"] if round_number % 20 == 0 else []))
            try:
                steps[name](chance)
                with self.lock:
                    self.counts[name] = self.counts.get(name, 0) + 1
            except (AssertionError, OSError, ssl.SSLError) as fault:
                with self.lock:
                    self.faults.append(f"{name}: {fault!r}")

    def expect(self, statuses, *request, **more):
        answer = self.host.request(*request, **more)
        assert answer.status in statuses, (request, answer.status, answer.text[:200])

    def list(self, chance):
        self.expect((200,), "GET", f"/api/v1/{chance.choice(['accounts', 'plans', 'domains', 'jobs', 'openapi.json'])}")

    def dry_run(self, chance):
        self.expect((200,), "POST", "/api/v1/accounts?dry_run=true", {"username": f"soak{chance.randrange(10**6)}", "plan": "small", "domain": "soak.example"})

    def unknown(self, chance):
        self.expect((404,), "GET", f"/api/v1/accounts/nobody{chance.randrange(1000)}")

    def plan(self, chance):
        name = f"soak{chance.randrange(10**9)}"
        self.expect((201,), "POST", "/api/v1/plans", {"name": name, "cpu_percent": 50, "memory_bytes": 1 << 29, "tasks": 100})
        self.expect((204,), "DELETE", f"/api/v1/plans/{name}")

    def wrong_login(self, _):
        self.expect((401, 429), "POST", "/api/v1/sessions", {"username": "somebody", "password": PASSWORD + "x"}, token=None)


def test_mixed_load_with_clients_that_vanish(host):
    host.ensure_plan()
    host.log_in()
    load, before = Load(host), pids(host)
    threads = [threading.Thread(target=load.run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    samples = {unit: [] for unit in UNITS}
    while any(thread.is_alive() for thread in threads):
        for unit in UNITS:
            samples[unit].append(sample(host, before[unit]))
        time.sleep(SECONDS / 60)
    print(f"        {sum(load.counts.values())} requests in {SECONDS} s: {dict(sorted(load.counts.items()))}; {len(load.faults)} faults")
    assert not load.faults, load.faults[:5]
    assert pids(host) == before, "one of them was started anew"
    time.sleep(2)  # connections that vanished are given up
    for unit in UNITS:
        rows = samples[unit][len(samples[unit]) // 5:]  # after they have warmed up
        first, second = rows[:len(rows) // 2], rows[len(rows) // 2:]
        memory = [statistics.median(row[0] for row in half) for half in (first, second)]
        after = sample(host, before[unit])
        print(f"        {unit}: {memory[0] / 1024:.1f} MB in the first half, {memory[1] / 1024:.1f} MB in the second; {rows[0][1]} descriptors, afterwards {after[1]}")
        assert memory[1] - memory[0] <= GROWTH_KB, unit
        assert after[1] <= rows[0][1] + DESCRIPTORS, unit
