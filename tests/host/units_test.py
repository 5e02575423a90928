"""The units as systemd sees them: exposure, privileges, files."""
import json
import re

from support import ROOT, wait_until

CEILINGS = {"bulkhead-api.service": 0.6, "bulkhead-agent.service": 3.0, "bulkhead-gateway.service": 1.5, "bulkhead-doctor.service": 1.5}


def test_units_are_valid(host):
    for unit in (*CEILINGS, "bulkhead-doctor.timer", "bulkhead-agent.socket", "bulkhead-agent-admin.socket", "bulkhead-api.socket", "bulkhead-engine@20000.service"):
        done = host.run("systemd-analyze", "verify", f"/lib/systemd/system/{re.sub(r'@[0-9]+', '@', unit)}", check=False)
        complaints = [line for line in done.stderr.splitlines() if "bulkhead" in line]
        assert not complaints, complaints


def test_exposure_stays_below_its_ceiling(host):
    for unit, ceiling in CEILINGS.items():
        listed = host.run("systemd-analyze", "security", "--no-pager", unit, check=False).stdout
        score = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", listed).group(1))
        print(f"        {unit}: {score} (ceiling {ceiling})")
        assert score <= ceiling, unit


def test_the_engines_unit_lacks_only_what_is_explained(host):
    unit = "/root/bulkhead-engine@20000.service"
    host.run("cp", "/lib/systemd/system/bulkhead-engine@.service", unit)
    listed = host.run("systemd-analyze", "security", "--offline=true", "--no-pager", unit, check=False).stdout
    print(f"        bulkhead-engine@: {re.search(r'Overall exposure level for .*: ([0-9.]+)', listed).group(1)}")
    directives = json.loads(host.run("systemd-analyze", "security", "--offline=true", "--json=short", unit, check=False).stdout)
    missing = {entry["name"] for entry in directives if not entry["set"] and entry["exposure"]}
    section = (ROOT / "docs" / "threat-model.md").read_text().split("### The engine's unit")[1].split("\n## ")[0]
    reasons = dict(re.findall(r"^\| `(.+?)` \| (.+) \|$", section.replace("\\|", "/"), re.M))

    def reason_of(name):
        name = name.replace("|", "/")
        return reasons.get(name) or next((why for row, why in reasons.items() if row.endswith("=*") and name.startswith(row[:-1])), None)

    for name in sorted(missing):
        print(f"        missing {name} {reason_of(name)}")
    assert not [name for name in missing if reason_of(name) is None]
    stale = [row for row in reasons if not any(name.replace("|", "/") == row or row.endswith("=*") and name.startswith(row[:-1]) for name in missing)]
    assert not stale, f"these are set, or no directives: {stale}"


def test_the_api_has_no_network_and_no_privilege(host):
    pid = host.run("systemctl", "show", "-p", "MainPID", "--value", "bulkhead-api.service").stdout.strip()
    status = host.run("cat", f"/proc/{pid}/status").stdout
    assert re.search(r"^CapEff:\s+0+$", status, re.M) and re.search(r"^NoNewPrivs:\s+1$", status, re.M) and re.search(r"^Seccomp:\s+2$", status, re.M), status
    links = host.run("nsenter", "-t", pid, "-n", "ip", "-json", "link").stdout
    assert [link["ifname"] for link in json.loads(links)] == ["lo"], links


def test_the_agent_cannot_use_what_ufw_and_quotas_need(host):
    pid = host.run("systemctl", "show", "-p", "MainPID", "--value", "bulkhead-agent.service").stdout.strip()
    bounding = int(re.search(r"^CapBnd:\s+([0-9a-f]+)$", host.run("cat", f"/proc/{pid}/status").stdout, re.M).group(1), 16)
    for name, number in (("CAP_NET_ADMIN", 12), ("CAP_NET_RAW", 13), ("CAP_SYS_PTRACE", 19), ("CAP_SYS_ADMIN", 21)):
        assert not bounding >> number & 1, name
    # A call of ufw as the agent makes it is a unit of its own, gone with its end.
    begin = host.run("date", "+%s.%N").stdout.strip()
    assert host.cli("--json", "doctor", check=False).stdout
    said = host.run("journalctl", "-u", "bulkhead-ufw.service", "--since", f"@{begin}", "-o", "cat").stdout
    assert "Bulkhead: ufw" in said, said
    assert host.run("systemctl", "is-active", "bulkhead-ufw.service", check=False).stdout.strip() == "inactive"


def test_the_gateway_alone_may_be_the_gateway(host):
    uid = host.run("id", "-u", "bulkhead-gateway").stdout.strip()
    assert host.run("pgrep", "-u", uid, "-c", "nginx").stdout.strip() != "0"
    for port in (2083, 2087):
        listening = host.run("ss", "-H", "-l", "-t", "-n", "-p", f"sport = :{port}").stdout
        assert "nginx" in listening, listening


def test_memory_of_the_idle_daemons(host):
    host.run("systemctl", "restart", "bulkhead-agent.service", "bulkhead-api.service")
    wait_until(lambda: host.request("GET", "/readyz", token=None).status == 200, 20, "the API")
    for unit, limit_mb in (("bulkhead-agent.service", 12), ("bulkhead-api.service", 30)):
        pid = host.run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout.strip()
        rss = int(re.search(r"^VmRSS:\s+(\d+) kB", host.run("cat", f"/proc/{pid}/status").stdout, re.M).group(1)) / 1024
        print(f"        {unit}: {rss:.1f} MB resident (at most {limit_mb})")
        assert rss <= limit_mb, unit


def test_secrets_are_not_readable(host):
    # Users pass through /var/lib/bulkhead to what the CloudLinux scripts may read of theirs; they can neither list it nor enter anything else.
    assert host.run("stat", "-c", "%a %U %G", "/var/lib/bulkhead").stdout.split() == ["711", "root", "root"]
    inside = [path for path in host.run("find", "/var/lib/bulkhead", "-mindepth", "1", "-maxdepth", "1").stdout.split() if path != "/var/lib/bulkhead/cpapi"]
    assert inside
    for path in ["/etc/bulkhead/tls/gateway.key", "/var/lib/bulkhead-api", "/var/log/bulkhead", *inside]:
        mode = host.run("stat", "-c", "%a %U %G", path).stdout.split()
        assert mode[0][-1] == "0", (path, mode)
