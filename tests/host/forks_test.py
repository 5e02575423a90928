"""A tenant that forks as fast as it can, in its own container: the panel stops it and removes it all the same."""
from support import wait_until

NAME, DOMAIN = "forks", "forks.example"
# Each process hands over to a child and is gone.
BOMB = 'f() { f & exit; }; trap "" TERM; for n in 1 2 3 4 5 6; do f & done; wait'


def docker(host, *arguments):
    return host.run("docker", "--config", "/var/lib/bulkhead/docker", "--context", NAME, *arguments)


def uids_of_account(host):
    """The account's own and those that its containers' users have here."""
    ranges = [line.split(":") for line in host.run("cat", "/etc/subuid").stdout.splitlines()]
    first, count = next((int(first), int(count)) for name, first, count in ranges if name == NAME)
    return {int(host.run("id", "-u", NAME).stdout), *range(first, first + count)}


def alive(host, uids):
    """Zombies left out."""
    listed = [line.split() for line in host.run("ps", "-eo", "uid=,stat=,comm=").stdout.splitlines()]
    return [line for line in listed if int(line[0]) in uids and not line[1].startswith("Z")]


def start_bombs(host, uids):
    container = docker(host, "ps", "--quiet").stdout.split()[0]
    docker(host, "exec", "--detach", container, "/bin/sh", "-c", BOMB)
    # Without this proof the test would pass where nothing ever forked; the container has no other shell.
    wait_until(lambda: sum(line[2] == "sh" for line in alive(host, uids)) > 1, 20, "the bomb")


def test_a_container_of_fork_bombs_is_suspended_and_deleted(host):
    host.ensure_plan()
    host.do("POST", "/api/v1/accounts", {"username": NAME, "plan": "small", "domain": DOMAIN})
    uids = uids_of_account(host)
    for _ in range(2):
        start_bombs(host, uids)
        host.do("POST", f"/api/v1/accounts/{NAME}/actions/suspend")
        assert alive(host, uids) == []
        host.do("POST", f"/api/v1/accounts/{NAME}/actions/unsuspend")
    start_bombs(host, uids)
    host.do("POST", f"/api/v1/accounts/{NAME}/actions/purge")
    assert alive(host, uids) == []
    host.expect_no_orphans()
