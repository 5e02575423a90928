"""What `bulkhead setup` arranges on a host beside the panel's own services."""
import json

NAME = "before-people"


def limits(host):
    lines = host.run("grep", "-E", "^(UID|GID)_MAX", "/etc/login.defs").stdout.splitlines()
    return {line.split()[0]: int(line.split()[1]) for line in lines}


def test_users_that_are_added_by_hand_stay_below_the_accounts(host):
    # The host was set up when it was booted, by the same command.
    assert limits(host) == {"UID_MAX": 19999, "GID_MAX": 19999}
    host.ensure_plan()
    host.do("POST", "/api/v1/accounts", {"username": NAME, "plan": "small", "domain": "before-people.example"})
    try:
        host.run("useradd", "-M", "people1")
        uid = int(host.run("id", "-u", "people1").stdout)
        assert 1000 <= uid <= 19999, uid
        assert int(host.run("id", "-g", "people1").stdout) <= 19999
    finally:
        host.run("userdel", "people1", check=False)
        host.do("POST", f"/api/v1/accounts/{NAME}/actions/purge")
    host.expect_no_orphans()


def test_setup_again_changes_nothing_and_mends_what_was_undone(host):
    def ids_step():
        steps = json.loads(host.cli("--json", "setup").stdout)["steps"]
        return next(step["evidence"] for step in steps if step["name"] == "ids")

    before = host.run("cat", "/etc/login.defs").stdout
    assert ids_step() == "/etc/login.defs has UID_MAX 19999, GID_MAX 19999"
    assert host.run("cat", "/etc/login.defs").stdout == before
    mode = host.run("stat", "-c", "%a %U:%G", "/etc/login.defs").stdout
    host.run("sed", "-i", r"s/^UID_MAX.*/UID_MAX\t\t\t60000/", "/etc/login.defs")
    assert ids_step() == "/etc/login.defs changed: UID_MAX 60000 -> 19999"
    assert limits(host) == {"UID_MAX": 19999, "GID_MAX": 19999}
    assert host.run("stat", "-c", "%a %U:%G", "/etc/login.defs").stdout == mode
