"""CloudLinux's hooks around real jobs: recorders in their place ask the panel back, fail, and are asked again."""
import json

from support import wait_until

HOOKS = "/usr/share/cloudlinux/hooks"
LOG = "/root/hooks.log"
NAME, DOMAIN = "hooked", "hooked.example"
# Asks the panel back while the job waits for it: it must answer, and with the new state.
RECORDER = """#!/usr/bin/python3 -I
import json, os, pwd, subprocess, sys
def known(name):
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return 0
name = "%s"
shown = subprocess.run(["/usr/sbin/bulkhead", "--json", "account", "get", name], capture_output=True, text=True, timeout=20)
state = json.loads(shown.stdout)["state"] if shown.returncode == 0 else "exit %%d" %% shown.returncode
with open("%s", "a") as log:
    log.write(json.dumps({"argv": [os.path.basename(sys.argv[0])] + sys.argv[1:], "uid": os.getuid(), "passwd": known(name), "state": state}) + "\\n")
sys.exit(1 if os.path.exists("/root/hooks-fail") else 0)
""" % (NAME, LOG)


def recorded(host):
    lines = host.run("cat", LOG, check=False).stdout.splitlines()
    host.run("rm", "-f", LOG)
    return [json.loads(line) for line in lines]


def put_scripts(host):
    host.run("install", "-d", HOOKS)
    for script in ("post_modify_user.py", "pre_modify_user.py", "post_modify_domain.py", "post_modify_package.py", "post_modify_admin.py"):
        host.run("install", "-m", "0755", "/dev/stdin", f"{HOOKS}/{script}", input=RECORDER)


def create(host):
    return host.do("POST", "/api/v1/accounts", {"username": NAME, "plan": "small", "domain": DOMAIN, "preview_port": False})


def test_without_scripts_a_job_has_no_step_more(host):
    host.ensure_plan()
    assert not [step for step in create(host)["steps"] if step["name"].startswith("hook.")]
    assert not [step for step in host.do("POST", f"/api/v1/accounts/{NAME}/actions/purge")["steps"] if step["name"].startswith("hook.")]


def test_a_hook_that_asks_the_panel_back_sees_the_new_state(host):
    put_scripts(host)
    job = create(host)
    told = [step for step in job["steps"] if step["name"] == "hook.user_created"]
    assert told and told[0]["state"] == "succeeded", job["steps"]
    (seen,) = recorded(host)
    assert seen["argv"][:3] == ["post_modify_user.py", "create", "--username"] and seen["argv"][3:5] == [NAME, "--owner"], seen
    assert seen["uid"] == 0 and seen["passwd"] >= 20000 and seen["state"] == "active", seen


def test_a_deletion_is_told_before_and_after(host):
    job = host.do("POST", f"/api/v1/accounts/{NAME}/actions/purge")
    assert job["steps"][0]["name"] == "hook.user_removing" and job["steps"][-1]["name"] == "hook.user_removed", job["steps"]
    before, after = recorded(host)
    assert before["argv"] == ["pre_modify_user.py", "delete", "--username", NAME] and before["passwd"] >= 20000, before
    assert before["state"] == "deleting", before
    assert after["argv"] == ["post_modify_user.py", "delete", "--username", NAME] and after["passwd"] == 0, after
    assert after["state"] == "exit 3", after


def test_a_failed_hook_undoes_nothing_and_is_queued(host):
    host.run("touch", "/root/hooks-fail")
    job = create(host)
    assert [step["state"] for step in job["steps"] if step["name"] == "hook.user_created"] == ["failed"], job["steps"]
    assert host.site(DOMAIN).status == 200
    queued = [other for other in host.api("GET", "/api/v1/jobs")["data"] if other["kind"] == "hook.retry"]
    assert queued and queued[0]["state"] in ("queued", "running"), queued
    host.run("rm", "/root/hooks-fail")
    recorded(host)
    wait_until(lambda: host.api("GET", f"/api/v1/jobs/{queued[0]['id']}")["state"] == "succeeded", 60, "the retry")
    assert recorded(host)[0]["argv"][1] == "create"


def test_a_script_that_others_could_change_is_refused(host):
    host.run("chmod", "0777", f"{HOOKS}/pre_modify_user.py")
    job = host.do("POST", f"/api/v1/accounts/{NAME}/actions/purge")
    assert job["steps"][0]["state"] == "failed" and "refused" in json.dumps(job["steps"][0]["evidence"]), job["steps"][0]
    host.run("rm", "-rf", "/usr/share/cloudlinux", LOG)
    host.expect_no_orphans()
