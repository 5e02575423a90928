"""Attacks on the CloudLinux scripts, readers against a writer, and the panel away: part of cloudlinux_test.py, which has made the accounts."""
import json
import re
import subprocess

from cloudlinux_calls import STATE, call_of, calls, data, faults_of_every_answer, plan_id, rename_plan, run_cases
from cloudlinux_cases import BIN, ELEVATED, case
from support import wait_until


def test_050_sudo_gives_nothing_else(host):
    """#139, 140"""
    for command in ([BIN + "users"], [BIN + "cpapi", "users"], ["/bin/sh"], [ELEVATED + "x"]):
        (refused,) = calls(host, [{"argv": ["/usr/bin/sudo", "-n", *command], "user": "alice"}])
        assert refused["code"] == 1 and refused["out"] == b"", (command, refused)
    (refused,) = calls(host, [{"argv": ["/usr/bin/sudo", "-n", "SUDO_USER=bob", "SUDO_UID=0", ELEVATED], "user": "alice"}])
    assert refused["code"] != 0 and b"bob" not in refused["out"], refused
    (kept,) = calls(host, [{"argv": ["/usr/bin/sudo", "-n", "-E", ELEVATED], "user": "alice", "environment": {"SUDO_UID": "0"}}])
    assert kept["code"] != 0 or json.loads(kept["out"])["data"] == STATE["fixture"].of("alice"), kept


OF_EVERY_CALLER = ("R", "A", "B", "D", "RI", "O", "X", "M", "cage(a)", "cage(b)")
CLAIMS = [{"PROXYEXEC_UID": "0", "PROXYEXEC_GID": "0"}, {"PROXYEXEC_UID": "{uid:bob}", "PROXYEXEC_GID": "{uid:bob}"}, {"SUDO_UID": "0", "SUDO_GID": "0", "SUDO_USER": "root"},
          {"SUDO_UID": "{uid:bob}", "SUDO_GID": "{uid:bob}", "SUDO_USER": "bob"}, {"USER": "bob", "LOGNAME": "bob", "USERNAME": "bob", "HOME": "/home/bob"},
          {"LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/libseccomp.so.2", "LD_LIBRARY_PATH": "/home/alice", "LD_AUDIT": "/home/alice/x.so", "GCONV_PATH": "/home/alice"},
          {"PYTHONPATH": "/home/alice", "PYTHONSTARTUP": "/home/alice/x.py", "PYTHONHOME": "/home/alice", "BASH_ENV": "/home/alice/x.sh", "ENV": "/home/alice/x.sh"}]
ODD_PLACES = [{"cwd": "/dev"}, {"cwd": "/proc"}, {"close": [0]}, {"close": [2]}, {"close": [0, 2]}]


def test_051_claims_change_nothing_for_anybody(host):
    """#128 to 130, for every caller: with whatever said in the environment, wherever it stands, each gets byte by byte what it gets without."""
    listed = []
    for caller in OF_EVERY_CALLER:
        for words in ("domains", "domains --owner=bob", "users"):
            for more in [{}, *({"environment": claim} for claim in CLAIMS), *ODD_PLACES]:
                listed.append(case(128, caller, words, None, **more))
    # By sudo the environment is the caller's too; root started by proxyexec is whom proxyexec names, whatever else is said.
    for caller in ("SU(a)", "SU(x)", "SU(root)"):
        for more in [{}, *({"environment": claim} for claim in CLAIMS), {"cwd": "/tmp"}, {"close": [0]}]:
            listed.append(case(139, caller, "", None, **more))
    own = {"PROXYEXEC_UID": "{uid:alice}", "PROXYEXEC_GID": "{uid:alice}"}
    for claim in [{}, {"SUDO_USER": "root"}, *CLAIMS[4:]]:
        listed.append(case(133, "PX", "", None, environment={**claim, **own}))
    plain, wrong, kinds = {}, [], set()
    for row, answer in zip(listed, calls(host, [call_of(row, STATE["words"]) for row in listed])):
        said = (answer["code"], answer["signal"], answer["out"])
        first = plain.setdefault((row.caller, str(row.words)), said)  # each caller's first call is the plain one
        kinds.add(json.loads(first[2])["metadata"]["result"])
        if said != first:
            wrong.append(f"{row.caller} {row.words} {row.more}: {said} instead of {first} {answer['err'][:200]!r}")
    print(f"        {len(listed)} calls of {len(plain)} kinds", flush=True)
    assert not wrong, "\n".join(wrong)
    assert kinds == {"ok", "PermissionDenied"}, kinds


def test_052_ten_megabytes_of_arguments(host):
    """More than the kernel takes never arrives; what arrives is refused, whoever sends it and by whatever way."""
    rows, started = [], 0
    for caller in (*OF_EVERY_CALLER, "SU(a)", "PX"):
        words = [] if caller in ("SU(a)", "PX") else ["domains"]
        environment = {"PROXYEXEC_UID": "{uid:alice}", "PROXYEXEC_GID": "{uid:alice}"} if caller == "PX" else {}
        rows += [case(130, caller, [*words, *[["x", 100000]] * count], None, stack=True, environment=environment) for count in (1, 58, 105)]
    for row, answer in zip(rows, calls(host, [call_of(row, STATE["words"]) for row in rows])):
        label = (row.caller, len(row.words), answer)
        if answer["code"] == 126 or (row.caller == "SU(a)" and answer["out"] == b""):
            assert len(row.words) > 50 and answer["out"] == b"", label  # the kernel, or sudo, did not start it
            continue
        started += 1
        assert faults_of_every_answer(answer) == [] and json.loads(answer["out"])["metadata"]["result"] == "BadRequest", label
    assert started >= 2 * len(OF_EVERY_CALLER)


def opened_by(host, uid, *words):
    """What a run as this user looks at, by strace: files, sockets."""
    host.run("install", "-m", "0666", "/dev/null", "/tmp/trace")
    host.run("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "strace", "-f", "-e", "trace=%file,connect", "-o", "/tmp/trace", BIN + words[0], *words[1:], check=False)
    seen = host.run("cat", "/tmp/trace").stdout
    host.run("rm", "/tmp/trace")
    assert "execve(" in seen and "exited with" in seen, seen
    return set(re.findall(r'"(/[^"]*)"', seen)) - {BIN + words[0], "/proc/self/exe", BIN + "cpapi"}  # itself, under its three names


def test_053_an_end_user_opens_nothing_of_others(host):
    """#131"""
    uid = str(STATE["fixture"].uids["alice"])
    for words in (["domains"], ["domains", "--with-php"], ["domains", "--owner=bob"], ["users"], ["panel_info"]):
        opened = opened_by(host, uid, *words)
        assert opened == {"/opt/cpvendor/run/cpapi.sock"}, (words, opened)
    bobs = f"/var/lib/bulkhead/cpapi/uid/{STATE['fixture'].uids['bob']}/domains.json"
    assert "bob.example" in host.run("cat", bobs).stdout
    for command in (["cat", bobs], ["ls", "/var/lib/bulkhead/cpapi/uid"], ["ls", "/var/lib/bulkhead"]):
        assert host.run("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", *command, check=False).returncode != 0, command


def test_054_two_names_with_one_uid(host):
    """#145"""
    uid = str(STATE["fixture"].uids["alice"])
    host.run("useradd", "--non-unique", "--uid", uid, "--no-create-home", "--home-dir", "/home/alice", "alice2")
    try:
        assert data(host, "domains", user="alice2") == STATE["fixture"].of("alice")
        assert "alice2" not in [row["username"] for row in data(host, "users")]
    finally:
        host.run("userdel", "--force", "alice2")


READERS = """
import concurrent.futures, json, subprocess, sys, time
jobs = [("/opt/cpvendor/bin/users", 0), ("/opt/cpvendor/bin/domains", 0), ("/opt/cpvendor/bin/domains", int(sys.argv[1]))]
def read(number):
    program, uid = jobs[number % 3]
    done = subprocess.run([program], capture_output=True, user=uid, group=uid, extra_groups=[])
    return number % 3, done.returncode, done.stdout.decode(), done.stderr.decode()
started = time.monotonic()
with concurrent.futures.ThreadPoolExecutor(24) as pool:
    results = list(pool.map(read, range(1000)))
bad = [r for r in results if r[1] != 0 or r[3]]
print(json.dumps({"seconds": time.monotonic() - started, "count": len(results), "bad": bad[:3], "failed": len(bad), "documents": sorted({(r[0], r[2]) for r in results if r[1] == 0})}))
"""


def test_055_a_thousand_readers_while_a_writer_writes(host):
    """Many rows change at once, and whole domains come and go: every answer is the old or the new document, complete."""
    plan, alice = plan_id(host, "Basic"), STATE["fixture"].uids["alice"]
    steps = [lambda: rename_plan(host, plan, "Start"), lambda: host.do("POST", "/api/v1/accounts/alice/domains", {"name": "extra.alice.example"}),
             lambda: rename_plan(host, plan, "Basic"), lambda: host.do("DELETE", "/api/v1/domains/extra.alice.example")]
    allowed = [set(), set(), set()]
    for step in steps:
        step()
        seen = calls(host, [{"argv": [BIN + "users"]}, {"argv": [BIN + "domains"]}, {"argv": [BIN + "domains"], "user": alice}])
        for documents, answer in zip(allowed, seen):
            documents.add(answer["out"].decode())
    assert [len(documents) for documents in allowed] == [2, 2, 2], allowed
    host.run("install", "-m", "0600", "/dev/stdin", "/root/readers.py", input=READERS)
    readers = subprocess.Popen([*host.tool, "exec", host.name, "--", "python3", "-I", "/root/readers.py", str(alice)], stdout=subprocess.PIPE, text=True)
    written = 0
    while readers.poll() is None or written % len(steps) != 0:
        steps[written % len(steps)]()
        written += 1
    seen = json.loads(readers.communicate()[0])
    print(f"        {seen['count']} readers in {seen['seconds']:.1f} s, {written} writes, {len(seen['documents'])} different documents, {seen['failed']} failed", flush=True)
    assert seen["count"] == 1000 and not seen["bad"], seen["bad"]
    assert written >= len(steps)
    for kind, text in seen["documents"]:
        assert text in allowed[kind], (kind, text[:400])


def test_060_the_panel_is_away(host):
    """#17, 18"""
    host.run("systemctl", "stop", "bulkhead-cpapi.socket", "bulkhead-api.socket", "bulkhead-api.service")
    try:
        uid = STATE["fixture"].uids["alice"]
        rows = [case(17, "A", "domains", lambda f: f.of("alice"), "the snapshot of this user"), case(17, "A", "domains --owner=bob", "PermissionDenied"),
                case(17, "cage(a)", "domains", lambda f: f.of("alice")), case(17, "A", "users", "PermissionDenied"),
                case(17, "A", "domains --nosuch", "BadRequest"), case(17, "X", "domains", "InternalAPIError"), case(18, "R", "panel_info", "InternalAPIError"),
                case(18, "R", "users", "InternalAPIError")]
        wrong = run_cases(host, rows)
        own = f"/var/lib/bulkhead/cpapi/uid/{uid}"
        opened = opened_by(host, str(uid), "domains")
        assert f"{own}/domains.json" in opened and opened <= {"/opt/cpvendor/run/cpapi.sock", own, f"{own}/domains.json"}, opened
        host.run("mv", f"/var/lib/bulkhead/cpapi/uid/{uid}", "/root/away")
        wrong += run_cases(host, [case(17, "A", "domains", "InternalAPIError", "no snapshot")])
        host.run("mv", "/root/away", f"/var/lib/bulkhead/cpapi/uid/{uid}")
    finally:
        host.run("systemctl", "start", "bulkhead-api.socket", "bulkhead-cpapi.socket", "bulkhead-api.service")
    wait_until(lambda: calls(host, [{"argv": [BIN + "users"]}])[0]["code"] == 0, 60, "the panel")
    assert not wrong, "\n".join(wrong)
    host.log_in()
