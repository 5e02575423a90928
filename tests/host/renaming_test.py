"""Another name for an account that serves: what a visitor sees before, after, and when it fails in the middle."""
import json

NAME, OTHER, DOMAIN, WORDS = "renold", "rennew", "renaming.example", "of the one account"
CRONTABS = "/var/spool/cron/crontabs/"
# Asked inside: the host need not answer on any port outside.
VISIT = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=10)
connection.request("GET", "/words.html", headers={"Host": sys.argv[1]})
answer = connection.getresponse()
print(answer.status, answer.read().decode(errors="replace"))
"""


def visit(host):
    return host.python(VISIT, DOMAIN, check=False).stdout.strip()


def account(host, name):
    done = host.cli("--json", "account", "get", name, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def last_job(host, kind):
    return next(job for job in json.loads(host.cli("--json", "job", "list").stdout)["data"] if job["kind"] == kind)


def before_each(host):
    host.cli("plan", "create", "renaming", "--disk", "1G", "--inodes", "100000", "--memory", "512M", "--cpu", "50", "--tasks", "300", check=False)
    for name in (NAME, OTHER):
        if account(host, name):
            host.cli("account", "purge", name, "--yes")
        host.run("rm", "-f", CRONTABS + name)
    host.cli("account", "create", NAME, "--plan", "renaming", "--domain", DOMAIN)
    uid = account(host, NAME)["uid"]
    host.run("install", "-o", str(uid), "-g", str(uid), "-m", "0640", "/dev/stdin", f"/home/{NAME}/sites/{DOMAIN}/public/words.html", input=WORDS)
    host.run("install", "-d", "-m", "1730", CRONTABS)  # as cron has it
    assert visit(host) == f"200 {WORDS}"


def expect_as_before(host):
    assert account(host, NAME)["state"] == "active" and account(host, OTHER) is None
    assert host.run("id", "-u", NAME).returncode == 0 and host.run("id", "-u", OTHER, check=False).returncode != 0
    assert visit(host) == f"200 {WORDS}", visit(host)


def test_a_site_is_served_under_both_names(host):
    uid = account(host, NAME)["uid"]
    for old, new in ((NAME, OTHER), (OTHER, NAME)):
        host.cli("account", "rename", old, new)
        assert account(host, old) is None and account(host, new)["uid"] == uid
        assert visit(host) == f"200 {WORDS}", visit(host)
        # The container is the panel's still: it can be taken away and made again.
        host.cli("account", "suspend", new)
        host.cli("account", "unsuspend", new)
        assert visit(host) == f"200 {WORDS}", visit(host)
        host.expect_no_orphans(new)


def test_what_is_left_of_the_new_name_is_found_before_anything_changes(host):
    host.run("install", "-m", "0600", "/dev/null", CRONTABS + OTHER)
    assert host.cli("account", "rename", NAME, OTHER, check=False).returncode != 0
    job = last_job(host, "account.rename")
    assert job["state"] == "rolled_back" and CRONTABS + OTHER in job["problem"]["detail"], job
    expect_as_before(host)
    host.run("rm", CRONTABS + OTHER)


def test_a_failure_in_the_middle_is_taken_back(host):
    # The home has moved when the agent comes to what is no crontab.
    uid = account(host, NAME)["uid"]
    host.run("ln", "-s", "/dev/null", CRONTABS + NAME)
    host.run("chown", "-h", f"{uid}:{uid}", CRONTABS + NAME)
    assert host.cli("account", "rename", NAME, OTHER, check=False).returncode != 0
    assert last_job(host, "account.rename")["state"] == "rolled_back"
    host.run("rm", CRONTABS + NAME)
    expect_as_before(host)
    # Nothing is in the way of the next attempt.
    host.cli("account", "rename", NAME, OTHER)
    assert visit(host) == f"200 {WORDS}", visit(host)
    host.cli("account", "purge", OTHER, "--yes")
