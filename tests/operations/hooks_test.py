"""Hooks on a real machine: recorders in the place of CloudLinux's scripts write down how they were started."""
import json
import subprocess

from operations_test import call, install

HOOKS = "/usr/share/cloudlinux/hooks"
LOG = "/root/hooks.log"
RECORDER = """#!/usr/bin/python3 -I
import json, os, sys, time
files = {}
for name in os.listdir("/proc/self/fd"):
    try:
        files[name] = os.readlink("/proc/self/fd/" + name)
    except FileNotFoundError:
        pass  # the directory that is being read
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
with open("%s", "a") as log:
    log.write(json.dumps({"argv": sys.argv, "environment": dict(os.environ), "directory": os.getcwd(), "files": files,
                          "uids": os.getresuid(), "gids": os.getresgid(), "capabilities": status["CapEff"].strip(),
                          "no_new_privileges": status["NoNewPrivs"].strip(), "mask": oct(os.umask(0))}) + "\\n")
print("out and err", file=sys.stderr)
if os.path.basename(sys.argv[0]) == "post_modify_admin.py" and "--username" in sys.argv:
    sys.exit(2)
if "eslow" in sys.argv:
    time.sleep(5)
sys.exit(7 if "efail" in sys.argv else 0)
""" % LOG
SCRIPTS = ("post_modify_user.py", "pre_modify_user.py", "post_modify_domain.py", "post_modify_package.py", "post_modify_admin.py")


def put(host, script, mode="0755"):
    host.run("install", "-m", mode, "/dev/stdin", f"{HOOKS}/{script}", input=RECORDER)


def recorded(host):
    lines = host.run("cat", LOG, check=False).stdout.splitlines()
    host.run("rm", "-f", LOG)
    return [json.loads(line) for line in lines]


def test_without_cloudlinux_nothing_is_told(host):
    install(host)
    host.run("rm", "-rf", "/usr/share/cloudlinux")
    call(host, "account.create", username="ehook", limits={})
    assert call(host, "hook.list")["reply"].get("scripts", []) == []
    told = call(host, "hook.run", event="userCreated", username="ehook", owner="root")
    assert told["reply"].get("outcome", "absent") == "absent", told


def test_a_hook_is_started_as_plain_root_with_nothing_inherited(host):
    host.run("install", "-d", HOOKS)
    for script in SCRIPTS:
        put(host, script)
    told = call(host, "hook.run", event="userCreated", username="ehook", owner="root")["reply"]
    assert told["outcome"] == "succeeded" and "out and err" in told["output"], told
    (seen,) = recorded(host)
    assert seen["argv"] == [f"{HOOKS}/post_modify_user.py", "create", "--username", "ehook", "--owner", "root"]
    assert seen["uids"] == [0, 0, 0] and seen["gids"] == [0, 0, 0] and seen["directory"] == "/"
    assert sorted(seen["files"])[:3] == ["0", "1", "2"] and seen["files"]["0"] == "/dev/null", seen["files"]
    # Beside the three streams only the log and the directory that the recorder itself reads.
    assert set(seen["files"].values()) <= {"/dev/null", LOG, seen["files"]["1"], seen["files"]["2"]}, seen["files"]
    assert seen["environment"]["PATH"] == "/usr/sbin:/usr/bin:/sbin:/bin"
    assert set(seen["environment"]) <= {"PATH", "HOME", "LANG", "LC_ALL", "INVOCATION_ID", "SYSTEMD_EXEC_PID", "PWD", "LC_CTYPE"}, seen["environment"]
    full = host.run("grep", "CapBnd", "/proc/1/status").stdout.split()[1]
    assert seen["capabilities"] == full and seen["no_new_privileges"] == "0", seen


def test_names_reach_the_script_as_they_are(host):
    odd = "G\u00f3i \"Pro\" & <x> $HOME ${PATH} $$ %n;id"
    # Not by call(): the program's reader of JSON knows no escapes beyond ASCII.
    host.run("/usr/local/bin/call_op", "hook.run", json.dumps({"event": "packageRenamed", "oldPackage": "Basic", "package": odd}, ensure_ascii=False))
    (seen,) = recorded(host)
    assert seen["argv"][1:] == ["rename", "--name", "Basic", "--new-name", odd], seen["argv"]


def test_an_administrator_is_told_in_the_form_that_is_understood(host):
    refused = call(host, "hook.run", check=False, event="adminCreated", admin="ehook")
    assert refused["error"] == "permission_denied", refused
    host.run("useradd", "-G", "sudo", "-K", "UID_MAX=19999", "eadmin")
    told = call(host, "hook.run", event="adminCreated", admin="eadmin")["reply"]
    assert told["outcome"] == "succeeded", told
    assert [seen["argv"][1:] for seen in recorded(host)] == [["create", "--username", "eadmin"], ["create", "--name", "eadmin"]]
    host.run("userdel", "eadmin")


def test_a_failure_is_an_answer(host):
    call(host, "account.create", username="efail", limits={})
    told = call(host, "hook.run", event="userRestored", username="efail")
    assert told["reply"]["outcome"] == "failed" and told["reply"]["exitCode"] == 7, told
    recorded(host)


def test_one_account_has_one_hook_at_a_time(host):
    call(host, "account.create", username="eslow", limits={})
    first = subprocess.Popen([*host.tool, "exec", host.name, "--", "/usr/local/bin/call_op", "hook.run",
                              json.dumps({"event": "userRestored", "username": "eslow"})], stdout=subprocess.PIPE, text=True)
    for _ in range(50):
        if host.run("systemctl", "is-active", "bulkhead-outside-user-eslow.service", check=False).returncode == 0:
            break
    second = call(host, "hook.run", check=False, event="userRestored", username="eslow")
    assert second["error"] == "busy", second
    call(host, "hook.run", event="userRestored", username="ehook")
    assert json.loads(first.communicate(timeout=60)[0])["reply"]["outcome"] == "succeeded"
    assert len(recorded(host)) == 2


def test_a_script_that_others_could_change_is_not_run(host):
    for spoil, mend in ((("chmod", "0777", f"{HOOKS}/post_modify_user.py"), ("chmod", "0755", f"{HOOKS}/post_modify_user.py")),
                        (("chown", "1", f"{HOOKS}/post_modify_user.py"), ("chown", "0", f"{HOOKS}/post_modify_user.py")),
                        (("chmod", "0777", HOOKS), ("chmod", "0755", HOOKS)),
                        (("chown", "1", "/usr/share/cloudlinux"), ("chown", "0", "/usr/share/cloudlinux"))):
        host.run(*spoil)
        refused = call(host, "hook.run", check=False, event="userRestored", username="ehook")
        assert refused["error"] == "permission_denied", (spoil, refused)
        host.run(*mend)
    assert recorded(host) == []


def test_an_event_that_did_not_happen_is_not_told(host):
    assert call(host, "hook.run", check=False, event="userRemoved", username="ehook")["error"] == "conflict"
    assert call(host, "hook.run", check=False, event="userCreated", username="enobody", owner="root")["error"] == "not_found"
    assert recorded(host) == []
    for name in ("ehook", "efail", "eslow"):
        call(host, "account.delete", username=name)
    told = call(host, "hook.run", event="userRemoved", username="ehook")["reply"]
    assert told["outcome"] == "succeeded", told
    assert recorded(host)[0]["argv"][1:] == ["delete", "--username", "ehook"]
    host.run("rm", "-rf", "/usr/share/cloudlinux")
