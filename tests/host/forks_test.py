"""A tenant that forks as fast as it can, in its own container: the panel stops it and removes it all the same."""
NAME, DOMAIN = "forks", "forks.example"
# Each process hands over to a child and is gone.
BOMB = 'f() { f & exit; }; trap "" TERM; for n in 1 2 3 4 5 6; do f & done; wait'


def docker(host, *arguments):
    return host.run("docker", "--config", "/var/lib/bulkhead/docker", "--context", NAME, *arguments)


def alive(host, uid):
    """Of the account and of its containers' users, zombies left out."""
    base = 603979776 + (uid - 20000) * 65536
    listed = [line.split() for line in host.run("ps", "-eo", "uid=,stat=,comm=").stdout.splitlines()]
    return [line for line in listed if (int(line[0]) == uid or base <= int(line[0]) < base + 65536) and not line[1].startswith("Z")]


def start_bombs(host):
    container = docker(host, "ps", "--quiet").stdout.split()[0]
    docker(host, "exec", "--detach", container, "/bin/sh", "-c", BOMB)


def test_a_container_of_fork_bombs_is_suspended_and_deleted(host):
    host.ensure_plan()
    host.do("POST", "/api/v1/accounts", {"username": NAME, "plan": "small", "domain": DOMAIN})
    uid = int(host.run("id", "-u", NAME).stdout)
    for _ in range(2):
        start_bombs(host)
        host.do("POST", f"/api/v1/accounts/{NAME}/actions/suspend")
        assert alive(host, uid) == []
        host.do("POST", f"/api/v1/accounts/{NAME}/actions/unsuspend")
    start_bombs(host)
    host.do("DELETE", f"/api/v1/accounts/{NAME}")
    assert alive(host, uid) == []
    assert host.orphans() == []
