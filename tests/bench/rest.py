"""Authenticated GET of one account through the whole of bulkhead-api, against a "hello" of the library that it stands on. Both serve kept-alive
connections on a Unix socket, with as many socket threads, to the same client."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess

from rig import SHOWN_ONLY, alternate, ratio_figure, serving

CONNECTIONS = 32
SOCKET_THREADS = 2  # kIoThreads of api/http/limits.h
SERVER_UID = SERVER_GID = 65534
ACCOUNT = "benchmark"
ACCOUNTS = 1000  # more than the server keeps in memory
PASSWORD = "walnut tractor violin lamp"  # of an administrator that lives as long as the measurement


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(path, method, target, body=None, token=None):
    with contextlib.closing(UnixConnection(path)) as connection:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = "Bearer " + token
        connection.request(method, target, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {target}: {answer.status} {text[:400]}")
        return json.loads(text) if text else None


MARIADB = pathlib.Path(__file__).resolve().parent.parent / "support" / "mariadb_server"
INSERT = "INSERT INTO accounts(id, username, plan_id, state, uid, preview_port, created_at, revision) VALUES"


def into_sqlite(state):
    def insert(rows):
        with contextlib.closing(sqlite3.connect(state / "panel.db")) as database, database:
            database.execute(INSERT + ",".join(rows))
    return insert


def into_mariadb(server):
    # Its root needs no password on the socket.
    def insert(rows):
        subprocess.run(["mariadb", "--no-defaults", f"--socket={server}/s", "--user=root", "bench"], input=INSERT + ",".join(rows), text=True, check=True)
    return insert


@contextlib.contextmanager
def mariadb(directory, state):
    """A server, and the options by which bulkhead-api finds it."""
    subprocess.run([MARIADB, "start", directory], check=True, stdout=subprocess.DEVNULL)
    try:
        subprocess.run(["mariadb", "--no-defaults", f"--socket={directory}/s", "--user=root"], input="CREATE DATABASE bench", text=True, check=True)
        access = state / "database.json"
        access.write_text(json.dumps({"socket": f"{directory}/s", "database": "bench", "user": "panel", "password": "panel's \"secret\""}))
        access.chmod(0o600)
        os.chown(access, SERVER_UID, SERVER_GID)
        yield ["--database", access]
    finally:
        subprocess.run([MARIADB, "stop", directory], check=True)


def prepare(socket_path, insert):
    """An administrator with a session, a plan, and an account as its creation leaves it. Answers the token."""
    code = ask(socket_path, "POST", "/api/v1/bootstrap-codes")["code"]
    ask(socket_path, "POST", "/api/v1/bootstrap", {"code": code, "username": "main", "password": PASSWORD})
    token = ask(socket_path, "POST", "/api/v1/sessions", {"username": "main", "password": PASSWORD})["token"]
    plan = ask(socket_path, "POST", "/api/v1/plans", {"name": "small", "cpu_percent": 50, "memory_bytes": 1 << 29}, token)
    # Creating it through the API would need the agent to change this machine.
    insert([f"('acc_01JD{number:022d}','{ACCOUNT if number == 100 else f'other{number}'}','{plan['id']}','active',{20000 + number},NULL,"
            f"{1_700_000_000_000_000 + number},1)" for number in range(ACCOUNTS)])
    account = ask(socket_path, "GET", f"/api/v1/accounts/{ACCOUNT}", token=token)
    assert account["username"] == ACCOUNT and account["state"] == "active", account
    return token


def request(account, token):
    return f"GET /api/v1/accounts/{account} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: keep-alive\r\n\r\n".encode()


def command(programs, state, socket_path):
    # The program takes a list that belongs to root and to nobody else.
    seccomp = state.parent / "api.list"
    shutil.copyfile(programs.policy / "seccomp" / "api.list", seccomp)
    return [programs.api, "--socket", socket_path, "--state", state, "--agent-socket", state / "no-agent.sock", "--gateway-user", "daemon", "--seccomp-list", seccomp]


def state_in(work, name):
    state = work / name
    state.mkdir(mode=0o700)
    os.chown(state, SERVER_UID, SERVER_GID)
    return state


def run(programs, work, rounds, seconds, say):
    state, other = state_in(work, "api"), state_in(work, "api-mariadb")
    api, remote, hello = state / "api.sock", other / "api.sock", work / "hello.sock"
    user = {"user": SERVER_UID, "group": SERVER_GID, "extra_groups": []}
    with serving(command(programs, state, api), api, **user) as subject, \
            mariadb(work / "mariadb", other) as database, \
            serving(command(programs, other, remote) + database, remote, **user) as on_mariadb, \
            serving([programs.bench("hello"), hello, SOCKET_THREADS], hello) as baseline:
        token = prepare(api, into_sqlite(state))
        other_token = prepare(remote, into_mariadb(work / "mariadb"))
        with open(f"/proc/{subject.pid}/status") as status:
            assert "Seccomp:\t2" in status.read(), "bulkhead-api runs without its list of system calls"
        wanted, unknown, fetched = work / "get-account", work / "get-accounts", work / "get-accounts-mariadb"
        wanted.write_bytes(request(ACCOUNT, token))
        unknown.write_bytes(b"".join(request(f"acc_01JD{number:022d}", token) for number in range(ACCOUNTS)))
        fetched.write_bytes(b"".join(request(f"acc_01JD{number:022d}", other_token) for number in range(ACCOUNTS)))
        plain = work / "get-hello"
        plain.write_bytes(b"GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")

        def load(path, request, server):
            return programs.measure([programs.bench("http_load"), path, CONNECTIONS, seconds, request], server)

        def compared(request, path=api, server=subject):
            return alternate(lambda: load(hello, plain, baseline), lambda: load(path, request, server), rounds, say)

        one, others = compared(wanted), compared(unknown)
        from_mariadb = compared(fetched, remote, on_mariadb)

    def figure(name, pairs, target):
        return ratio_figure(name, pairs, lambda first, second: second["per_second"] / first["per_second"], target)

    return [figure("REST: authenticated GET of an account / hello of stock Pistache, answers a second", one, ("at least", 0.5)),
            figure("REST, EACH FROM THE STORE: the same of another account each time / the same hello", others, SHOWN_ONLY),
            figure("REST, EACH FROM MARIADB: the same out of a server on this machine / the same hello", from_mariadb, SHOWN_ONLY)]
