"""Single operations on a real machine, by build/*/tests/call_op: what useradd, ufw, systemd and the kernel make of them, and what is
left when they are killed."""
import collections
import contextlib
import json
import os
import pathlib
import re
import subprocess

from support import ROOT, note_points

PROGRAM = "/usr/local/bin/call_op"
FILES = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid"]
LIMITS = {"cpuPercent": 50, "memoryBytes": str(512 << 20), "tasks": 100}


def install(host):
    built = sorted(ROOT.glob("build/*/tests/call_op"), key=lambda path: path.stat().st_mtime)
    assert built, "build the target call_op first"
    subprocess.run([*host.tool, "cp", host.name, str(built[-1]), PROGRAM], check=True)
    # Directories that the package would have made.
    subprocess.run([*host.tool, "cp", host.name, str(ROOT / "systemd" / "bulkhead.tmpfiles"), "/etc/tmpfiles.d/bulkhead.conf"], check=True)
    host.run("systemd-tmpfiles", "--create", "bulkhead.conf")
    host.run("install", "-d", "-m", "0700", "/var/lib/bulkhead/agent")
    host.run("install", "-d", "/etc/nginx/bulkhead/sites")


# Where the agent removes, when it starts, what a killed writer did not get to rename (agent/main.cc).
CLEANED_AT_START = {"/var/lib/bulkhead/agent", "/var/lib/bulkhead/agent/accounts", "/var/lib/bulkhead/agent/sites", "/var/lib/bulkhead/agent/renames", "/etc", "/etc/nginx/bulkhead",
                    "/etc/nginx/bulkhead/sites", "/etc/systemd/system"}


def start_as_the_agent_does(host):
    found = host.run("find", "/var/lib/bulkhead", "/etc", "/run/bulkhead", "-xdev", "-name", ".bulkhead-tmp-*").stdout.split()
    assert {str(pathlib.Path(path).parent) for path in found} <= CLEANED_AT_START, found
    host.run("rm", "-f", "--", *found)


def before_each(host):
    """Every test begins on a host without accounts, whatever the one before left."""
    if host.run("test", "-x", PROGRAM, check=False).returncode != 0:
        install(host)
    start_as_the_agent_does(host)
    host.run("systemctl", "stop", BUSY_UNIT, check=False)
    for name in host.run("find", "/var/lib/bulkhead/agent/accounts", "-type", "f", "-printf", "%f\\n", check=False).stdout.split():
        call(host, "account.delete", username=name)
    for line in host.run("cat", "/etc/passwd").stdout.splitlines():
        if line.startswith(("hand", "opthief")):
            host.run("userdel", line.split(":")[0])
    left = host.orphans()
    assert left == [], f"not this test's fault: {left}"


def call(host, name, check=True, **parameters):
    done = host.run(PROGRAM, name, json.dumps(parameters), check=False)
    answer = json.loads(done.stdout or "{}")
    assert not check or "reply" in answer, f"{name}: {done.stdout[-1000:]} {done.stderr[-1000:]}"
    return answer


BUSY_UNIT = "busy-machine.service"
BUSY = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        break
end = time.monotonic() + 300
while time.monotonic() < end:
    pass
"""


@contextlib.contextmanager
def busy_machine(host):
    """Four processes of nobody's account that never wait."""
    host.run("systemd-run", "--quiet", "--collect", "--unit", BUSY_UNIT, "python3", "-I", "-c", BUSY)
    try:
        yield
    finally:
        host.run("systemctl", "stop", BUSY_UNIT, check=False)


def lines(host, name):
    """The account files that have a line with the name."""
    return host.run("grep", "-rlE", rf"(^|[:,]){name}([:,]|$)", *FILES, check=False).stdout.split()


def contents(host):
    return {path: host.run("cat", path).stdout for path in FILES}


def test_an_account_from_creation_to_deletion(host):
    before = contents(host)
    made = call(host, "account.create", username="opalice", limits=LIMITS)
    uid = made["reply"]["uid"]
    assert host.run("id", "-u", "opalice").stdout.strip() == str(uid)
    assert host.run("stat", "-c", "%U:%G %a", "/home/opalice").stdout.strip() == "opalice:opalice 700"
    assert any(fact.startswith("kernel limits: cpu % 50, memory 536870912, tasks 100") for fact in made["evidence"]), made["evidence"]
    # What shadow's own checkers say of our lines.
    assert "opalice" not in host.run("pwck", "-r", check=False).stdout
    assert "opalice" not in host.run("grpck", "-r", check=False).stdout
    assert call(host, "account.create", username="opalice", limits=LIMITS)["reply"]["uid"] == uid
    changed = call(host, "limits.set", username="opalice", limits={"cpuPercent": 150, "memoryBytes": str(256 << 20), "tasks": 64})
    assert any("kernel limits: cpu % 150, memory 268435456, tasks 64" in fact for fact in changed["evidence"]), changed["evidence"]
    gone = call(host, "account.delete", username="opalice")
    assert gone["reply"]["uid"] == uid
    assert contents(host) == before
    assert call(host, "account.delete", username="opalice")["reply"]["uid"] == 0
    again = call(host, "account.create", username="opalice", limits=LIMITS)["reply"]["uid"]
    assert again > uid, "a uid was given twice"
    call(host, "account.delete", username="opalice")


def test_nobody_enters_another_home(host):
    call(host, "account.create", username="opbob", limits={})
    call(host, "account.create", username="opeve", limits={})
    uid = host.run("id", "-u", "opeve").stdout.strip()
    seen = host.run("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "ls", "/home/opbob", check=False)
    assert seen.returncode != 0 and "Permission denied" in seen.stderr, seen
    call(host, "account.delete", username="opbob")
    call(host, "account.delete", username="opeve")


# Starts processes of the account and of its sub-uids that fork without end, and leaves files where all may write.
LEAVINGS = """
import os, sys
uid, sub = int(sys.argv[1]), int(sys.argv[2])
for owner, name in ((uid, "own"), (sub + 33, "sub")):
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/var/mail"):
        path = f"{folder}/left-{name}"
        os.makedirs(path + ".d/deep", exist_ok=True)
        open(path, "w").close()
        open(path + ".d/deep/file", "w").close()
        for target in (path, path + ".d", path + ".d/deep", path + ".d/deep/file"):
            os.chown(target, owner, owner)
        link = path + ".link"
        if not os.path.lexists(link):
            os.symlink("/etc/hosts", link)
        os.lchown(link, owner, owner)
    if os.fork() == 0:
        os.setsid()
        for number in (0, 1, 2):
            os.close(number)
        os.setresgid(owner, owner, owner)
        os.setresuid(owner, owner, owner)
        while True:
            if os.fork() == 0:
                os.setsid()
            else:
                os._exit(0)
"""


def test_deletion_ends_forking_processes_and_takes_what_they_left(host):
    made = call(host, "account.create", username="opfork", limits={})["reply"]
    host.python(LEAVINGS, str(made["uid"]), str(made["subUidFirst"]))
    gone = call(host, "account.delete", username="opfork")
    # Counted is who was seen; of two that hand over to a child all the time, one may be between two looks.
    assert gone["reply"]["processesEnded"] >= 1, gone
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/var/mail"):
        left = [name for name in host.run("ls", "-A", folder).stdout.split() if name.startswith("left-")]
        assert left == [], (folder, left)
    assert host.run("cat", "/etc/hosts").stdout, "a link was followed"
    for uid in (made["uid"], made["subUidFirst"] + 33):
        assert host.run("pgrep", "-u", str(uid), check=False).returncode == 1, uid


# Two ways to outrun whoever reads a list of processes: one hands everything over to a child and is gone, the other fills every place
# that a dying one leaves. Both ignore what can be ignored, and end by themselves should a test fail.
BOMBS = """
import os, resource, signal, sys, time
end = time.monotonic() + 240

def become(uid, only_child):
    if only_child:
        if os.fork() != 0:
            return
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_NPROC, (80, 80))
    if os.getuid() == 0:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    explodes = only_child == "explodes"
    while time.monotonic() < end:
        try:
            if os.fork() != 0 and not explodes:
                os._exit(0)
        except OSError:
            pass
    os._exit(0)

uid, sub = int(sys.argv[1]), int(sys.argv[2])
if sub == 0:
    become(uid, "")
for owner, way in ((uid, "runs"), (uid, "runs"), (uid, "runs"), (uid, "explodes"), (sub + 33, "runs"), (sub + 33, "runs")):
    become(owner, way)
"""


def start_bombs(host, account):
    uid = str(account["uid"])
    # In the account's slice as its engine is, and outside as a cron job is.
    host.run("systemd-run", "--quiet", "--collect", f"--slice=bulkhead-account-{uid}.slice", f"--uid={uid}", "-p", "KillMode=mixed",
             "-p", "TimeoutStopSec=5", "python3", "-I", "-c", BOMBS, uid, "0")
    host.python(BOMBS, uid, str(account["subUidFirst"]))


def processes_of(host, account):
    listed = host.run("ps", "-eo", "uid=,stat=,pid=,comm=").stdout.splitlines()
    wanted = (str(account["uid"]), str(account["subUidFirst"] + 33))
    return [line for line in listed if line.split()[0] in wanted and not line.split()[1].startswith("Z")]


def test_suspension_and_deletion_win_against_fork_bombs_on_a_busy_machine(host):
    made = call(host, "account.create", username="opbomb", limits={**LIMITS, "cpuPercent": 0})["reply"]
    with busy_machine(host):
        for _ in range(3):
            start_bombs(host, made)
            assert processes_of(host, made), "no bomb went off"
            call(host, "account.suspend", username="opbomb")
            assert processes_of(host, made) == []
            call(host, "account.unsuspend", username="opbomb")
        start_bombs(host, made)
        gone = call(host, "account.delete", username="opbomb")
    assert gone["reply"]["processesEnded"] >= 1, gone
    assert processes_of(host, made) == []
    assert host.orphans() == []


def test_creation_beside_useradd_loses_no_line(host):
    # Both write the same files again and again; the lock keeps them apart. useradd is kept below the managed range: left alone it
    # takes the highest uid there is plus one, which may be the one that was given away a moment ago (refused as already_exists).
    useradd = ("import subprocess\nfor n in range(12):\n"
               "    subprocess.run(['useradd', '-M', '-K', 'UID_MAX=19999', '-K', 'GID_MAX=19999', f'hand{n}'], check=True)\n")
    beside = subprocess.Popen([*host.tool, "exec", host.name, "--", "python3", "-I", "-c", useradd])
    for number in range(6):
        call(host, "account.create", username=f"oprace{number}", limits={})
    assert beside.wait(timeout=120) == 0
    passwd = host.run("cat", "/etc/passwd").stdout
    for name in [f"hand{n}" for n in range(12)] + [f"oprace{n}" for n in range(6)]:
        assert passwd.count(f"\n{name}:") == 1, name
        assert host.run("getent", "shadow", name).stdout, name
    ranges = sorted(tuple(map(int, line.split(":")[1:])) for line in host.run("cat", "/etc/subuid").stdout.split())
    assert all(first + count <= following for (first, count), (following, _) in zip(ranges, ranges[1:])), ranges
    for number in range(6):
        call(host, "account.delete", username=f"oprace{number}")
    for number in range(12):
        host.run("userdel", f"hand{number}")


def test_a_uid_that_useradd_took_in_between_is_left_to_its_user(host):
    # Killed when the registry has given the uid and passwd does not know it yet.
    assert killed(host, "renameat", 3, "account.create", username="opraced", limits={})
    start_as_the_agent_does(host)
    taken = json.loads(host.run("cat", "/var/lib/bulkhead/agent/accounts/opraced").stdout)["uid"]
    host.run("useradd", "-M", "-u", str(taken), "opthief")
    made = call(host, "account.create", username="opraced", limits={})["reply"]
    assert made["uid"] != taken
    assert host.run("id", "-u", "opthief").stdout.strip() == str(taken)
    call(host, "account.delete", username="opraced")
    assert host.run("id", "-u", "opthief").stdout.strip() == str(taken)
    host.run("userdel", "opthief")


def test_a_lock_that_is_held_makes_busy_and_changes_nothing(host):
    before = contents(host)
    hold = "import fcntl, sys\nf = open('/etc/.pwd.lock', 'w')\nfcntl.lockf(f, fcntl.LOCK_EX)\nprint('held', flush=True)\nsys.stdin.read()\n"
    holder = subprocess.Popen([*host.tool, "exec", host.name, "--", "timeout", "120", "python3", "-I", "-c", hold],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline().strip() == "held"
    refused = call(host, "account.create", check=False, username="opbusy", limits={})
    assert refused["error"] == "busy", refused
    assert contents(host) == before
    holder.stdin.close()
    assert holder.wait(timeout=60) == 0
    call(host, "account.create", username="opbusy", limits={})
    call(host, "account.delete", username="opbusy")


def test_the_firewall_lets_in_what_was_opened_and_nothing_else(host):
    call(host, "account.create", username="opwall", limits={})
    call(host, "firewall.setup")
    listen = "import socket, time\ns = socket.create_server(('', 33100))\nprint('on', flush=True)\ns.settimeout(100)\ntry:\n    while True:\n        s.accept()[0].close()\nexcept TimeoutError:\n    pass\n"
    server = subprocess.Popen([*host.tool, "exec", host.name, "--", "timeout", "100", "python3", "-I", "-c", listen], stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline().strip() == "on"
    address = subprocess.run([*host.tool, "address", host.name], capture_output=True, text=True, check=True).stdout.split()[0]

    def reachable():
        return subprocess.run(["python3", "-I", "-c", "import socket, sys\nsocket.create_connection((sys.argv[1], 33100), 2)", address], capture_output=True).returncode == 0

    assert not reachable()
    call(host, "firewall.open", username="opwall", port=33100)
    assert reachable()
    assert "33100/tcp" in host.run("ufw", "status").stdout
    call(host, "firewall.close", username="opwall", port=33100)
    assert not reachable()
    call(host, "firewall.open", username="opwall", port=33100)
    call(host, "account.delete", username="opwall")
    assert "opwall" not in host.run("ufw", "status").stdout
    server.terminate()


# Where to kill: the N-th such system call of the program itself. An execve of 1 is a systemctl that never was. All of them are tried when
# all is asked for (tools/test --deep).
KILLS = [("renameat", n) for n in range(2, 11)] + [("fsync", 9), ("fchown", 3), ("mkdirat", 1), ("unlinkat", 3), ("execve", 1)]
CHANGING = ["renameat", "renameat2", "fsync", "fdatasync", "fchown", "fchownat", "fchmod", "mkdirat", "unlinkat", "openat2", "linkat", "symlinkat", "write", "kill", "execve"]
DEEP = "BULKHEAD_DEEP" in os.environ


def killed(host, call_name, number, name, **parameters):
    """True when the kill came, of the program or (execve) of what it starts; a call that makes fewer of these ends by itself."""
    done = host.run("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call_name}:signal=KILL:when={number}",
                    PROGRAM, name, json.dumps(parameters), check=False)
    if done.returncode in (-9, 137):
        return True
    # A program that it started was killed: it says so, and the retry has to go on from there.
    assert done.returncode in (0, 1), f"neither killed nor done: {done.stdout[-500:]} {done.stderr[-500:]}"
    return done.returncode == 1


def all_kills(host, name, **parameters):
    """Every such system call that the operation makes, counted in one run of it."""
    host.run("strace", "-f", "-qq", "-o", "/root/calls", "-e", "trace=" + ",".join(CHANGING), PROGRAM, name, json.dumps(parameters))
    made = collections.Counter(match.group(1) for match in re.finditer(r"^\d+ +(\w+)\(", host.run("cat", "/root/calls").stdout, re.M))
    return [(call_name, number) for call_name, times in sorted(made.items()) for number in range(1, times + 1)]


def test_a_kill_at_any_change_is_mended_by_a_retry(host):
    kills = tried = 0
    creating = deleting = KILLS
    if DEEP:
        creating = all_kills(host, "account.create", username="opkill", limits=LIMITS)
        deleting = all_kills(host, "account.delete", username="opkill")
        print(f"        {len(creating)} calls of a creation, {len(deleting)} of a deletion")
    for call_name, number in sorted({*creating, *deleting}):
        where = f"{call_name} {number}"
        kills += killed(host, call_name, number, "account.create", username="opkill", limits=LIMITS)
        call(host, "account.create", username="opkill", limits=LIMITS)
        assert sorted(lines(host, "opkill")) == sorted(FILES), where
        kills += killed(host, call_name, number, "account.delete", username="opkill")
        call(host, "account.delete", username="opkill")
        start_as_the_agent_does(host)
        left = host.orphans()
        assert left == [], (where, left)
        # Trees are finished by the retry.
        trash = host.run("find", "/home", "/tmp", "-maxdepth", "1", "-name", ".bulkhead-trash-*").stdout
        assert trash == "", (where, trash)
        tried += 2
    assert kills > len(KILLS), kills
    note_points("operations_test.test_a_kill_at_any_change_is_mended_by_a_retry", kills)


# Of an account that stands, in pairs that take each other back: what changes it, and what is to be seen when it is done.
CHANGES = [
    ("limits.set", {"limits": {**LIMITS, "tasks": 77}}, lambda host: "77" in host.run("systemctl", "show", "-p", "TasksMax", "--value", slice_of(host)).stdout),
    ("limits.set", {"limits": LIMITS}, lambda host: "100" in host.run("systemctl", "show", "-p", "TasksMax", "--value", slice_of(host)).stdout),
    ("firewall.open", {"port": 33101}, lambda host: "33101" in host.run("ufw", "status").stdout),
    ("firewall.close", {"port": 33101}, lambda host: "33101" not in host.run("ufw", "status").stdout),
    ("account.suspend", {}, lambda host: state_of(host) == "suspended"),
    ("account.unsuspend", {}, lambda host: state_of(host) == "active"),
]
SAMPLED = 4  # kills of each, when not all are asked for


def state_of(host):
    return call(host, "account.get", username="opkill")["reply"]["state"]


def slice_of(host):
    return f"bulkhead-account-{host.run('id', '-u', 'opkill').stdout.strip()}.slice"


def test_a_kill_at_any_change_of_an_account_is_mended_by_a_retry(host):
    call(host, "firewall.setup")
    call(host, "account.create", username="opkill", limits=LIMITS)
    kills = 0
    for index, (name, parameters, is_done) in enumerate(CHANGES):
        back, with_what = CHANGES[index ^ 1][:2]
        call(host, back, username="opkill", **with_what)
        places = all_kills(host, name, username="opkill", **parameters)
        chosen = places if DEEP else places[:: max(1, len(places) // SAMPLED)]
        for call_name, number in chosen:
            call(host, back, username="opkill", **with_what)
            kills += killed(host, call_name, number, name, username="opkill", **parameters)
            call(host, name, username="opkill", **parameters)
            assert is_done(host), (name, call_name, number)
        start_as_the_agent_does(host)
    call(host, "account.delete", username="opkill")
    assert host.orphans() == []
    assert kills > len(CHANGES), kills
    note_points("operations_test.test_a_kill_at_any_change_of_an_account_is_mended_by_a_retry", kills)
