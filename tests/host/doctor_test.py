"""The doctor on a real host: each thing is broken by hand, found by name, mended where an operation can, and clean afterwards."""
import json
import re

from support import wait_until

NAME, DOMAIN = "doctora", "doctora.test"
VHOST = f"/etc/nginx/bulkhead/sites/{DOMAIN}.conf"


def look(host, *options, code=None):
    done = host.run("bulkhead", "--json", "doctor", *options, check=False)
    assert done.stdout, f"doctor {options}: exit {done.returncode}\n{done.stderr}"
    report = json.loads(done.stdout)
    assert code is None or done.returncode == code, (done.returncode, json.dumps(report["findings"], indent=1)[:4000])
    return report


def codes(report):
    return sorted({finding["code"] for finding in report["findings"]})


def before_each(host):
    """One whole account, on a host on which nothing differs."""
    if host.request("GET", f"/api/v1/accounts/{NAME}").status == 404:
        host.ensure_plan("small")
        host.do("POST", "/api/v1/accounts", {"username": NAME, "plan": "small", "domain": DOMAIN, "preview_port": True})
    # What the machine below this host sets is not the panel's to change, and cannot be changed in a container.
    look(host, "--fix")


def differing(host):
    return {(finding["kind"], finding["object"], finding["code"]) for finding in look(host)["findings"]}


def expect(host, code, repair, break_it):
    """Breaks something, and follows it through report, plan, repair and a second look."""
    before = differing(host)
    break_it()
    found = [finding for finding in look(host, code=9)["findings"] if (finding["kind"], finding["object"], finding["code"]) not in before]
    assert [finding["code"] for finding in found] == [code], json.dumps(found, indent=1)
    operation = found[0]["repair"] and found[0]["repair"]["operation"]
    assert operation == repair, found
    if repair:
        assert repair in host.run("bulkhead", "doctor", "--plan", check=False).stdout
        fixed = look(host, "--fix")
        outcomes = {finding["code"]: finding.get("outcome") for finding in fixed["findings"]}
        assert outcomes[code] == "mended", json.dumps(fixed["findings"], indent=1)[:4000]
        assert differing(host) == before


def uid_of(host):
    return int(host.run("id", "-u", NAME).stdout)


def test_a_whole_account_gives_no_finding(host):
    objects = {finding["object"] for finding in look(host)["findings"]}
    assert not [name for name in objects if NAME in name or name in (VHOST, "ufw", "nginx")], objects


def test_a_missing_subuid_line(host):
    expect(host, "subuid_range", "account.create", lambda: host.run("sed", "-i", f"/^{NAME}:/d", "/etc/subuid"))


def test_missing_group_and_shadow_lines(host):
    expect(host, "gshadow_entry", "account.create", lambda: host.run("sed", "-i", f"/^{NAME}:/d", "/etc/gshadow"))


def test_an_open_home(host):
    expect(host, "home_mode", "account.create", lambda: host.run("chmod", "0755", f"/home/{NAME}"))
    assert host.run("stat", "-c", "%a", f"/home/{NAME}").stdout.strip() == "700"


def test_a_changed_slice(host):
    slice_file = f"/etc/systemd/system/bulkhead-account-{uid_of(host)}.slice"
    def change():
        host.run("sed", "-i", "s/^TasksMax=.*/TasksMax=infinity/", slice_file)
        host.run("systemctl", "daemon-reload")
    expect(host, "slice_limits", "limits.set", change)


def test_a_stopped_engine(host):
    unit = f"bulkhead-engine@{uid_of(host)}.service"
    expect(host, "engine_stopped", "engine.ensure", lambda: host.run("systemctl", "stop", unit))
    wait_until(lambda: host.site(DOMAIN).status == 200, 60, "the site")


def test_a_deleted_firewall_rule(host):
    port = str(host.api("GET", f"/api/v1/accounts/{NAME}")["preview_port"])
    expect(host, "port_closed", "firewall.open", lambda: host.run("ufw", "delete", "allow", "proto", "tcp", "to", "any", "port", port))
    assert port in host.run("ufw", "status").stdout


def test_a_missing_vhost(host):
    expect(host, "vhost_missing", "site.apply", lambda: host.run("rm", VHOST))
    assert host.site(DOMAIN).status == 200


def test_an_edited_vhost_is_left_alone_reverted_by_name_and_kept(host):
    host.run("sed", "-i", "s/listen 80;/listen 80; # mine/", VHOST)
    edited = host.run("cat", VHOST).stdout
    report = look(host, "--fix", code=9)
    finding = next(finding for finding in report["findings"] if finding["object"] == DOMAIN)
    assert (finding["code"], finding["outcome"]) == ("vhost_edited", "needs a decision"), finding
    assert "# mine" in finding["found"], finding
    assert host.run("cat", VHOST).stdout == edited
    refused = host.run("bulkhead", "doctor", "--adopt", DOMAIN, check=False)
    assert refused.returncode == 1 and "no place for edits" in refused.stderr, refused
    look(host, "--revert", DOMAIN, code=0)
    assert "# mine" not in host.run("cat", VHOST).stdout
    kept = host.run("find", "/var/lib/bulkhead/edited-sites", "-name", f"{DOMAIN}.conf.*").stdout.split()
    assert kept and host.run("cat", kept[-1]).stdout == edited
    assert not [finding for finding in look(host)["findings"] if finding["object"] == DOMAIN]


def test_a_suspension_does_not_wait_for_an_edited_vhost(host):
    host.run("sed", "-i", "s/listen 80;/listen 80; # still mine/", VHOST)
    host.do("POST", f"/api/v1/accounts/{NAME}/actions/suspend")
    try:
        assert host.site(DOMAIN).status == 503
        kept = host.run("grep", "-rl", "still mine", "/var/lib/bulkhead/edited-sites").stdout.split()
        assert kept
        # What runs of a suspended account is found and ended.
        sleeper = host.run("systemd-run", "--quiet", "--collect", f"--uid={uid_of(host)}", "--unit=doctor-sleeper", "sleep", "600", check=False)
        assert sleeper.returncode == 0, sleeper.stderr
        found = {finding["code"] for finding in look(host, code=9)["findings"]}
        assert "processes" in found, found
        look(host, "--fix")
        assert host.run("pgrep", "-u", str(uid_of(host)), check=False).returncode == 1
    finally:
        host.do("POST", f"/api/v1/accounts/{NAME}/actions/unsuspend")


def test_a_foreign_user_in_the_range_needs_a_decision(host):
    expect(host, "foreign_user", None, lambda: host.run("useradd", "-u", "20900", "-g", "users", "-M", "doctorx"))
    report = look(host, "--fix", code=9)
    assert any(finding["object"] == "doctorx" and finding["outcome"] == "needs a decision" for finding in report["findings"]), report
    host.run("id", "doctorx")  # nothing is ever deleted
    host.run("userdel", "doctorx")


def test_it_works_while_the_panel_does_not_answer(host):
    host.run("systemctl", "stop", "bulkhead-api.service", "bulkhead-api.socket")
    try:
        host.run("chmod", "0750", f"/home/{NAME}")
        report = look(host, "--fix")
        assert report["panel_compared"] is False
        assert any(finding["code"] == "home_mode" and finding["outcome"] == "mended" for finding in report["findings"]), report
    finally:
        host.run("systemctl", "start", "bulkhead-api.socket", "bulkhead-api.service")
    wait_until(lambda: host.request("GET", "/readyz", token=None).status == 200, 20, "the API")


def test_without_the_agent_it_says_that_it_could_not_look(host):
    host.run("systemctl", "stop", "bulkhead-agent-admin.socket", "bulkhead-agent.socket", "bulkhead-agent.service")
    try:
        done = host.run("bulkhead", "doctor", check=False)
        assert done.returncode == 8 and "systemctl status bulkhead-agent" in done.stderr, done
    finally:
        host.run("systemctl", "start", "bulkhead-agent-admin.socket", "bulkhead-agent.socket", "bulkhead-agent.service")


def test_the_unit_reports_and_fails_while_something_differs(host):
    assert host.run("systemctl", "is-enabled", "bulkhead-doctor.timer").stdout.strip() == "enabled"
    host.run("chmod", "0750", f"/home/{NAME}")
    started = host.run("systemctl", "start", "bulkhead-doctor.service", check=False)
    assert started.returncode != 0
    assert host.run("systemctl", "show", "-p", "Result,ExecMainStatus", "bulkhead-doctor.service").stdout.split() == ["Result=exit-code", "ExecMainStatus=9"]
    journal = host.run("journalctl", "-u", "bulkhead-doctor.service", "-n", "40", "--no-pager", "-o", "cat").stdout
    assert "home_mode" in journal and "\x1b" not in journal, journal
    assert "was not compared" not in journal, journal
    assert host.run("stat", "-c", "%a", f"/home/{NAME}").stdout.strip() == "750"  # it only reports
    host.run("systemctl", "reset-failed", "bulkhead-doctor.service")


def test_the_agent_looks_by_itself_after_its_start(host):
    host.run("chmod", "0750", f"/home/{NAME}")
    host.run("systemctl", "restart", "bulkhead-agent.service")
    since = host.run("systemctl", "show", "-p", "ExecMainStartTimestamp", "--value", "bulkhead-agent.service").stdout.strip()
    def journal():
        return host.run("journalctl", "-u", "bulkhead-agent", "--since", re.sub(r"^\w+ | \w+$", "", since), "--no-pager", "-o", "cat").stdout
    assert "ready" in journal()
    wait_until(lambda: "bulkhead doctor" in journal(), 90, "the summary")
    assert "homeMode" in journal(), journal()
    assert host.run("stat", "-c", "%a", f"/home/{NAME}").stdout.strip() == "750"


def test_it_leaves_nothing_behind(host):
    for gone in (("DELETE", f"/api/v1/accounts/{NAME}"), ("POST", f"/api/v1/accounts/{NAME}/actions/purge")):
        host.do(*gone)
        remaining = [finding for finding in look(host)["findings"] if NAME in json.dumps(finding)]
        assert not remaining, (gone, remaining)
