"""Single operations on a real machine, by build/*/tests/call_op: what useradd, ufw, systemd and the kernel make of them, and what is
left when they are killed."""
import json
import pathlib
import subprocess

from support import ROOT, TEST_HOST

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


def call(host, name, check=True, **parameters):
    done = host.run(PROGRAM, name, json.dumps(parameters), check=False)
    answer = json.loads(done.stdout or "{}")
    assert not check or "reply" in answer, f"{name}: {done.stdout[-1000:]} {done.stderr[-1000:]}"
    return answer


def lines(host, name):
    """The account files that have a line with the name."""
    return host.run("grep", "-rlE", rf"(^|[:,]){name}([:,]|$)", *FILES, check=False).stdout.split()


def contents(host):
    return {path: host.run("cat", path).stdout for path in FILES}


def test_an_account_from_creation_to_deletion(host):
    install(host)
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
    assert gone["reply"]["processesEnded"] >= 2, gone
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/var/mail"):
        left = [name for name in host.run("ls", "-A", folder).stdout.split() if name.startswith("left-")]
        assert left == [], (folder, left)
    assert host.run("cat", "/etc/hosts").stdout, "a link was followed"
    for uid in (made["uid"], made["subUidFirst"] + 33):
        assert host.run("pgrep", "-u", str(uid), check=False).returncode == 1, uid


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


def test_a_lock_that_is_held_makes_busy_and_changes_nothing(host):
    before = contents(host)
    hold = "import fcntl, sys, time\nf = open('/etc/.pwd.lock', 'w')\nfcntl.lockf(f, fcntl.LOCK_EX)\nprint('held', flush=True)\ntime.sleep(60)\n"
    holder = subprocess.Popen([*host.tool, "exec", host.name, "--", "timeout", "25", "python3", "-I", "-c", hold], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline().strip() == "held"
    refused = call(host, "account.create", check=False, username="opbusy", limits={})
    assert refused["error"] == "busy", refused
    assert contents(host) == before
    holder.wait(timeout=60)
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


# Where to kill: the N-th such system call of the program itself. An execve of 1 is a systemctl that never was.
KILLS = [("renameat", n) for n in range(2, 11)] + [("fsync", 9), ("fchown", 3), ("mkdirat", 1), ("unlinkat", 3), ("execve", 1)]


def killed(host, call_name, number, name, **parameters):
    """True when the kill came; a call that makes fewer of these ends by itself."""
    done = host.run("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call_name}:signal=KILL:when={number}",
                    PROGRAM, name, json.dumps(parameters), check=False)
    return done.returncode != 0


def living(host):
    fields = [line.split(":") for line in host.run("cat", "/etc/passwd").stdout.splitlines()]
    return [field[0] for field in fields if 20000 <= int(field[2]) <= 59999]


def test_a_kill_at_any_change_is_mended_by_a_retry(host):
    others, kills = living(host), 0
    for call_name, number in KILLS:
        where = f"{call_name} {number}"
        kills += killed(host, call_name, number, "account.create", username="opkill", limits=LIMITS)
        call(host, "account.create", username="opkill", limits=LIMITS)
        assert sorted(lines(host, "opkill")) == sorted(FILES), where
        kills += killed(host, call_name, number, "account.delete", username="opkill")
        call(host, "account.delete", username="opkill")
        assert host.orphans(*others) == [], where
        # Files that a killed writer did not get to rename are removed by the agent when it starts; trees are finished by the retry.
        trash = host.run("find", "/home", "/tmp", "-maxdepth", "1", "-name", ".bulkhead-trash-*").stdout
        assert trash == "", (where, trash)
    assert kills > len(KILLS), kills
