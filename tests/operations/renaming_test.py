"""Renaming an account on a real machine: what the system's own tools say afterwards, and what a retry makes of a kill."""
from operations_test import call, install, killed, lines, LIMITS

# The N-th such system call of the program; the renames are those of files that are replaced and of the home.
KILLS = [("renameat", n) for n in range(1, 16)] + [("renameat2", 1), ("fsync", 5), ("fsync", 20), ("unlinkat", 1), ("unlinkat", 2), ("execve", 2)]
SITE = '{"domain":"rename.example","account":"OLD","aliases":[],"mode":"serve"}\n'


def prepare(host, name):
    made = call(host, "account.create", username=name, limits=LIMITS)["reply"]
    host.run("install", "-d", "-m", "0700", "/var/lib/bulkhead/agent/sites")
    host.run("install", "-m", "0600", "/dev/stdin", "/var/lib/bulkhead/agent/sites/rename.example", input=SITE.replace("OLD", name))
    host.run("install", "-d", "-m", "1730", "/var/spool/cron/crontabs")  # as cron has it
    host.run("install", "-m", "0600", "-o", str(made["uid"]), "/dev/null", f"/var/spool/cron/crontabs/{name}")
    host.run("install", "-m", "0640", "-o", str(made["uid"]), "-g", str(made["uid"]), "/dev/null", f"/home/{name}/mine")
    call(host, "firewall.open", username=name, port=33300)
    return made["uid"]


def expect_renamed(host, uid, old, new):
    assert lines(host, old) == [], lines(host, old)
    assert len(lines(host, new)) == 6, lines(host, new)
    assert host.run("id", "-u", new).stdout.strip() == str(uid)
    assert host.run("getent", "passwd", new).stdout.split(":")[5] == f"/home/{new}"
    assert host.run("stat", "-c", "%U:%G %a", f"/home/{new}").stdout.strip() == f"{new}:{new} 700"
    assert host.run("stat", "-c", "%U", f"/home/{new}/mine").stdout.strip() == new
    assert host.run("test", "-e", f"/home/{old}", check=False).returncode == 1
    assert host.run("test", "-e", f"/var/spool/cron/crontabs/{new}").returncode == 0
    assert new not in host.run("pwck", "-r", check=False).stdout and new not in host.run("grpck", "-r", check=False).stdout
    assert f'"account":"{new}"' in host.run("cat", "/var/lib/bulkhead/agent/sites/rename.example").stdout
    rules = host.run("cat", "/etc/ufw/user.rules").stdout
    assert new.encode().hex() in rules and old.encode().hex() not in rules, rules
    assert host.run("ls", "/var/lib/bulkhead/agent/renames", check=False).stdout == ""


def remove(host, name):
    host.run("rm", "-f", "/var/lib/bulkhead/agent/sites/rename.example")
    call(host, "account.delete", username=name)


def test_an_account_gets_another_name_with_all_it_has(host):
    install(host)
    uid = prepare(host, "opeve")
    done = call(host, "account.rename", username="opeve", newName="opeva")
    assert done["reply"]["uid"] == uid and done["reply"]["state"] == "active", done
    expect_renamed(host, uid, "opeve", "opeva")
    # Asked again it says the same, and the name before is free.
    assert call(host, "account.rename", username="opeve", newName="opeva")["reply"]["uid"] == uid
    assert call(host, "account.create", username="opeve", limits=LIMITS)["reply"]["uid"] > uid
    call(host, "account.delete", username="opeve")
    remove(host, "opeva")


def test_names_of_others_are_refused(host):
    uid = prepare(host, "opeve")
    host.run("useradd", "-M", "-K", "UID_MAX=19999", "optaken")
    host.run("install", "-d", "/home/ophome")
    for name in ("optaken", "ophome", "root", "www-data"):
        refused = call(host, "account.rename", check=False, username="opeve", newName=name)
        assert refused["error"] in ("already_exists", "invalid_argument"), refused
    assert host.run("id", "-u", "opeve").stdout.strip() == str(uid)
    host.run("userdel", "optaken")
    host.run("rmdir", "/home/ophome")
    remove(host, "opeve")


def test_a_kill_at_any_change_is_completed_by_a_retry(host):
    kills = 0
    for number, (call_name, count) in enumerate(KILLS):
        old, new = f"opold{number}", f"opnew{number}"
        uid = prepare(host, old)
        kills += killed(host, call_name, count, "account.rename", username=old, newName=new)
        call(host, "account.rename", username=old, newName=new)
        expect_renamed(host, uid, old, new)
        remove(host, new)
    assert kills > len(KILLS) // 2, kills
