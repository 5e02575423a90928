"""The scripts of the control panel interface as whole processes, with 10,000 accounts and 50,000 domains in the store. Everything that
this part needs on the machine (sudo's rules, a user, /opt) exists in a mount namespace of its own."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from rest import SERVER_GID, SERVER_UID, ask, command  # noqa: E402
from rig import ROOT, Figure, alternate, measure, ratio_figure, serving  # noqa: E402

ACCOUNTS, DOMAINS_OF_EACH = 10_000, 5
FIRST_UID = 1_000_000
CALLER = FIRST_UID + 4_321
BIN = pathlib.Path("/opt/cpvendor/bin")
SOCKET = pathlib.Path("/opt/cpvendor/run/cpapi.sock")
ELEVATED = pathlib.Path("/usr/libexec/bulkhead/cpapi-domains")
TIMES = 4.0  # of a process that does nothing
FASTER = 5.0  # than an interpreter that has the document already
MEMORY_MB = 40.0


def fill(state):
    with contextlib.closing(sqlite3.connect(state / "panel.db")) as database, database:
        plan = "pln_" + "0" * 26
        database.execute("INSERT INTO plans(id, name, cpu_percent, memory_bytes, tasks, disk_bytes, inodes, domains_max, created_at, revision) "
                         "VALUES(?,'small',0,0,0,0,0,0,1,1)", (plan,))
        database.executemany(
            "INSERT INTO accounts(id, username, plan_id, state, uid, preview_port, created_at, revision, email, locale) VALUES(?,?,?,'active',?,NULL,?,1,?,'EN_us')",
            ((f"acc_{n:026d}", f"user{n:05d}", plan, FIRST_UID + n, n, f"owner@site{n:05d}.example.com") for n in range(ACCOUNTS)))
        database.executemany(
            "INSERT INTO domains(id, name, sort_key, account_id, state, is_primary, created_at) VALUES(?,?,?,?,'active',?,?)",
            ((f"dom_{n:020d}{d:06d}", (f"sub{d}." if d else "") + f"site{n:05d}.example.com", f"com.example.site{n:05d}." + (f"sub{d}." if d else ""),
              f"acc_{n:026d}", 0 if d else 1, n) for n in range(ACCOUNTS) for d in range(DOMAINS_OF_EACH)))


def resident_mb(pid):
    return int(re.search(r"^VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M).group(1)) / 1024


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)


def furnish(programs, work):
    """/opt, sudo's rules, the elevated entry and a user, for this namespace only."""
    mount("-t", "tmpfs", "-o", "mode=755", "none", "/opt")
    for directory in (BIN, SOCKET.parent):
        directory.mkdir(parents=True)
    shutil.copy(programs.client, BIN / "cpapi")
    for link in ("panel_info", "users", "domains", "domains-elevated"):
        (BIN / link).symlink_to("cpapi")
    upper = work / "libexec"
    for name in ("upper", "work"):
        (upper / name).mkdir(parents=True)
    mount("-t", "tmpfs", "none", upper)
    for name in ("upper", "work"):
        (upper / name).mkdir()
    mount("-t", "overlay", "-o", f"lowerdir=/usr/libexec,upperdir={upper}/upper,workdir={upper}/work", "none", "/usr/libexec")
    ELEVATED.parent.mkdir(exist_ok=True)
    shutil.copy(programs.client, ELEVATED)
    mount("-t", "tmpfs", "-o", "mode=755", "none", "/etc/sudoers.d")
    rules = pathlib.Path("/etc/sudoers.d/bulkhead-cpapi")
    shutil.copy(ROOT / "sudoers" / "bulkhead-cpapi", rules)
    rules.chmod(0o440)
    users = work / "passwd"
    # Not "x": that points at a line of /etc/shadow, without which PAM takes the account for a locked one, and sudo refuses it.
    users.write_text(pathlib.Path("/etc/passwd").read_text() + f"user04321:*:{CALLER}:{CALLER}::/nonexistent:/usr/sbin/nologin\n")
    users.chmod(0o644)
    mount("--bind", users, "/etc/passwd")


def spawned(programs, server, seconds, uid, words, given="/dev/null"):
    # Once with its words: what is measured says nothing when it fails.
    with open(given, "rb") as source:
        once = subprocess.run([str(word) for word in words], stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={}, cwd="/",
                              user=uid, group=uid, extra_groups=[])
    if once.returncode != 0:
        raise RuntimeError(f"{words[0]} ends with {once.returncode}: {(once.stdout[:300] + once.stderr[:300]).decode(errors='replace')}")
    return lambda: measure([programs.spawn, uid, seconds, "/", given, *words], server)


def times_figure(name, pairs, limit):
    return ratio_figure(name, pairs, lambda first, second: second["p50_micros"] / first["p50_micros"], ("at most", limit))


def inside(programs, work, rounds, seconds, say):
    furnish(programs, work)
    state = work / "cpapi-state"
    state.mkdir(mode=0o700)
    os.chown(state, SERVER_UID, SERVER_GID)
    os.chown(SOCKET.parent, SERVER_UID, SERVER_GID)
    panel = state / "api.sock"
    start = [*command(programs, state, panel), "--cpapi-socket", SOCKET]
    as_server = {"user": SERVER_UID, "group": SERVER_GID, "extra_groups": []}

    def answers(uid):
        for words in (["users"], ["domains"], ["panel_info"]) if uid == 0 else (["domains"], ["panel_info"]):
            subprocess.run([BIN / "cpapi", *words], check=True, stdout=subprocess.DEVNULL, user=uid, group=uid, extra_groups=[])

    with serving(start, SOCKET, **as_server) as server:
        for _ in range(20):
            answers(0)
            answers(CALLER)
        empty = resident_mb(server.pid)
    fill(state)
    figures = []
    with serving(start, SOCKET, **as_server) as server:
        for _ in range(20):
            answers(0)
            answers(CALLER)
        floor = spawned(programs, server, seconds, CALLER, [programs.noop])
        for name in ("panel_info", "domains"):
            say(f"{name} as a user")
            pairs = alternate(floor, spawned(programs, server, seconds, CALLER, [BIN / "cpapi", name]), rounds, say)
            figures.append(times_figure(f"CPAPI: {name} of a user / a process that does nothing, median time", pairs, TIMES))
        say("users as root")
        document = work / "users.json"
        with open(document, "wb") as out:
            subprocess.run([BIN / "cpapi", "users"], check=True, stdout=out)
        assert len(json.loads(document.read_text())["data"]) == ACCOUNTS
        reader = ["/usr/bin/python3", "-I", "-c", "import json, sys; json.dump(json.load(sys.stdin), sys.stdout)"]
        pairs = alternate(spawned(programs, server, seconds, 0, reader, document), spawned(programs, server, seconds, 0, [BIN / "cpapi", "users"]), rounds, say)
        figures.append(ratio_figure("CPAPI: python3 that reads and prints users / users of root, median time", pairs,
                                    lambda first, second: first["p50_micros"] / second["p50_micros"], ("at least", FASTER)))
        if pathlib.Path("/usr/bin/sudo").exists():
            say("domains by sudo")
            pairs = alternate(spawned(programs, server, seconds, CALLER, [BIN / "cpapi", "domains"]),
                              spawned(programs, server, seconds, CALLER, [BIN / "domains-elevated"]), rounds, say)
            # Side by side; there is nothing that it would have to reach.
            figures.append(times_figure("CPAPI: domains of a user by sudo / by the socket, median time", pairs, float("inf")))
        grown = [resident_mb(server.pid) - empty for _ in range(3)]
        figures.append(Figure("CPAPI: growth of the server over an empty panel, resident", sorted(grown)[1], "MB", ("at most", MEMORY_MB), min(grown), max(grown), 3,
                              {"empty_mb": round(empty, 1)}))
    return figures


def run(programs, work, rounds, seconds, say):
    """In a process of its own: a namespace cannot be left again."""
    job = {"api": str(programs.api), "policy": str(programs.policy), "client": str(ROOT / "build" / "dev" / "bulkhead-cpapi"),
           "spawn": str(programs.bench("spawn")), "noop": str(programs.bench("noop")), "rounds": rounds, "seconds": seconds}
    done = subprocess.run(["unshare", "--mount", "--propagation", "private", sys.executable, __file__, str(work), json.dumps(job)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=1200)
    if done.returncode != 0:
        raise RuntimeError("the part about the scripts failed")
    say("the scripts are measured")
    figures = json.loads(done.stdout.splitlines()[-1])
    return [Figure(**{**figure, "target": tuple(figure["target"])}) for figure in figures]


if __name__ == "__main__":
    job = json.loads(sys.argv[2])
    paths = {name: pathlib.Path(job[name]) for name in ("api", "policy", "client", "spawn", "noop")}
    # What is mounted below it goes with this process; failing to remove it first must not hide why the part failed.
    with tempfile.TemporaryDirectory(dir=sys.argv[1], ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)
        found = inside(types.SimpleNamespace(**paths), pathlib.Path(directory), job["rounds"], job["seconds"], lambda text: print(text, file=sys.stderr, flush=True))
    print(json.dumps([vars(figure) for figure in found]))
