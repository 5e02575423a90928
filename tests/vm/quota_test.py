"""Project quotas and cgroup v2, which need Debian's own kernel: limits that the kernel itself enforces and reports."""
import json
import re
import time

NAME, DISK = "dora", 256 << 20


def test_quota_is_set_read_back_and_enforced_for_every_uid_of_the_account(host):
    host.cli("plan", "create", "tiny", "--disk", "256M", "--inodes", "20000", "--memory", "1G", "--cpu", "0", "--tasks", "400")
    done = host.cli("--json", "account", "create", NAME, "--plan", "tiny", "--domain", "dora.example", check=False)
    job = json.loads(done.stdout)
    assert job["state"] == "succeeded", json.dumps(job, indent=1)[-3000:]
    states = {step["name"]: step["state"] for step in job["steps"]}
    assert states["quota.set"] == "succeeded", job["steps"]
    uid = int(host.run("id", "-u", NAME).stdout)
    report = host.run("repquota", "-P", "-n", "/home").stdout
    line = next(line for line in report.splitlines() if line.startswith(f"#{uid} "))
    assert str(DISK // 1024) in line.split(), line
    fill = ["dd", "if=/dev/zero", "bs=1M", "count=400", "status=none"]
    for as_uid, target in ((uid, f"/home/{NAME}/sites/by-the-account"), (0, f"/home/{NAME}/sites/by-another-uid")):
        # Even root's writes count for the tree's project; what it may exceed is CAP_SYS_RESOURCE's, which is taken away here.
        done = host.run("setpriv", "--reuid", str(as_uid), "--regid", str(as_uid), "--clear-groups", "--bounding-set", "-sys_resource", *fill, f"of={target}", check=False)
        assert done.returncode != 0 and re.search("quota exceeded", done.stderr, re.I), done
        host.run("rm", "-f", target)


def test_limits_hold_in_the_unified_hierarchy(host):
    uid = int(host.run("id", "-u", NAME).stdout)
    group = f"/sys/fs/cgroup/bulkhead.slice/bulkhead-account.slice/bulkhead-account-{uid}.slice"
    assert host.run("cat", f"{group}/memory.max").stdout.strip() == str(1 << 30)
    assert host.run("cat", f"{group}/pids.max").stdout.strip() == "400"


def followed(host, *limits):
    """The plan changes, and its accounts have followed; answers what the kernel holds then."""
    plan = json.loads(host.cli("--json", "plan", "update", "tiny", *limits).stdout)
    for _ in range(60):
        whole = json.loads(host.cli("--json", "job", "get", plan["limits_job"]).stdout)
        if whole["state"] not in ("queued", "running"):
            break
        time.sleep(1)
    assert whole["state"] == "succeeded" and whole["parts"] == {"total": 1, "ended": 1, "failed": 0}, whole
    uid = int(host.run("id", "-u", NAME).stdout)
    return host.run("cat", f"/sys/fs/cgroup/bulkhead.slice/bulkhead-account.slice/bulkhead-account-{uid}.slice/io.max").stdout


def test_io_limits_reach_the_kernel_and_go_again(host):
    held = followed(host, "--io-write-bytes-per-second", str(4 << 20), "--io-read-ops-per-second", "500")
    assert f"wbps={4 << 20} " in held and "riops=500 " in held, held
    held = followed(host, "--io-write-bytes-per-second", "0", "--io-read-ops-per-second", "0")
    assert "wbps=4194304" not in held and "riops=500" not in held, held


def test_page_and_audit(host):
    page = host.run("curl", "-sS", "-H", "Host: dora.example", "http://127.0.0.1/").stdout
    assert "dora.example" in page, page[:500]
    host.cli("account", "purge", NAME, "--yes")
    host.expect_no_orphans()
    assert host.cli("audit", "verify").stdout.startswith("audit verify: ok, ")
