"""The CloudLinux integration as CloudLinux and its users would meet it: real uids, real sudo, a cage, recorders in the place of the hooks.

The numbers are those of the conformance cases (cloudlinux_cases.py). The package bulkhead-cloudlinux is here for these tests alone."""
import json
import pathlib
import re
import subprocess
import time

from cloudlinux_calls import HOOKS, INI, LOG, RECORDER, SCRIPTS, STATE, as_set, calls, data, given, on_disk, plan_id, put_recorders, recorded, rename_plan, run_cases
from cloudlinux_cases import ACCOUNTS, ADMINS, BIN, DATABASES, ELEVATED, FIELDS, MAIN, PACKAGES, RESELLERS, SIDE_DOMAINS, Fixture, all_cases
from support import PASSWORD, TEST_HOST, Refused, wait_until

MYSQL = {"login": "governor", "password": "for this host only", "host": "localhost", "port": 3306}
MAP = "/etc/container/dbuser-map"
MYSQL_FILE = "/var/lib/bulkhead-api/cpapi-mysql.json"

# ---- the fixture


def all_done(host, jobs):
    for job in jobs:
        ended = host.wait_for_job(job)
        assert ended["state"] == "succeeded", json.dumps(ended, indent=1)[-3000:]


def make_php(host):
    for version in ("74", "83"):
        base = f"/opt/alt/php{version}"
        host.run("install", "-d", f"{base}/usr/bin", f"{base}/usr/lib64/php/modules", f"{base}/etc", f"{base}/link/conf")
        host.run("install", "-m", "0755", "/bin/true", f"{base}/usr/bin/php")
        host.run("touch", f"{base}/etc/php.ini")
    host.run("install", "-d", "/etc/php/8.4/cli/conf.d")
    host.run("install", "-m", "0755", "/bin/true", "/usr/bin/php8.4")


def test_000_without_the_switch_nothing_is_there(host):
    """#181"""
    for path in ("/opt/cpvendor", HOOKS, "/etc/sudoers.d/bulkhead-cpapi"):
        assert host.run("test", "-e", path, check=False).returncode == 1, path
    (package,) = (pathlib.Path(host.packages) / "cloudlinux").glob("bulkhead-cloudlinux_*.deb")
    subprocess.run([TEST_HOST, "cp", host.name, package, "/root/cloudlinux.deb"], check=True)
    host.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "install", "/root/cloudlinux.deb")
    assert host.run("test", "-e", INI, check=False).returncode == 1
    host.run("systemctl", "is-active", "bulkhead-api.socket", "bulkhead-cpapi.socket")
    host.log_in()


def test_010_an_empty_panel_is_empty(host):
    """#77, 78, 87"""
    make_php(host)
    host.run("install", "-d", "/etc/cagefs")
    host.run("install", "-m", "0644", "/dev/stdin", "/etc/cagefs/cagefs.mp", input="# mounts\n/opt\n")
    host.run("bulkhead", "cloudlinux", "enable", "--force")
    wait_until(lambda: host.run("test", "-S", "/opt/cpvendor/run/cpapi.sock", check=False).returncode == 0, 30, "the socket")
    assert data(host, "users") == []
    assert data(host, "domains") == {} and data(host, "domains", "--with-php") == {}
    assert as_set([row["name"] for row in data(host, "packages")]) == as_set([row["name"] for row in host.api("GET", "/api/v1/plans")["data"]])
    assert data(host, "resellers") == [] and data(host, "db_info") == {"mysql": None}


def test_020_the_fixture(host):
    for user, uid in (("mailsvc", "980"), ("stranger", "1999")):
        host.run("useradd", "--system", "--uid", uid, "--shell", "/bin/sh", user, check=False)
    for plan in host.api("GET", "/api/v1/plans")["data"]:
        host.api("DELETE", f"/api/v1/plans/{plan['id']}")
    for name, (email, locale) in RESELLERS.items():
        host.api("POST", "/api/v1/resellers", {"name": name, **given(email=email, locale=locale)})
    for name, (unix_user, email, locale) in ADMINS.items():
        host.api("POST", "/api/v1/admins", {"username": name, "password": PASSWORD, **given(email=email, locale=locale)})
    for name, owner in PACKAGES:
        host.ensure_plan(name, owner=owner, domains_max=0)
    all_done(host, [host.api("POST", "/api/v1/accounts", {"username": name, "plan": plan_id(host, package), "domain": domain, "owner": owner, **given(email=email, locale=locale)})
                    for name, (owner, package, domain, email, locale) in ACCOUNTS.items()])
    for name, (account, target, php) in SIDE_DOMAINS.items():
        host.do("POST", f"/api/v1/accounts/{account}/domains", {"name": name, **given(alias_of=target)})
        if php:
            host.do("PATCH", f"/api/v1/domains/{name}", {"php": php})
    host.do("PATCH", "/api/v1/domains/alice.example", {"php": "alt-php83"})
    for account, names in DATABASES.items():
        for name in names:
            host.do("POST", f"/api/v1/accounts/{account}/database-users", {"name": name})
    host.api("PATCH", "/api/v1/resellers/rita", {"account": "rita"})
    host.run("usermod", "-aG", "sudo", "opsadm")
    host.api("PATCH", "/api/v1/admins/admin2", {"unix_user": "opsadm"})
    host.do("POST", "/api/v1/accounts/dave/actions/suspend")
    host.run("install", "-m", "0600", "-o", "bulkhead-api", "-g", "bulkhead-api", "/dev/stdin", MYSQL_FILE, input=json.dumps(MYSQL))
    uids = {row["username"]: row["uid"] for row in host.api("GET", "/api/v1/accounts")["data"]}
    STATE["fixture"] = Fixture(uids)
    STATE["documents"] = {name: data(host, *words) for name, words in {
        "panel_info": ["panel_info"], "users": ["users"], "domains": ["domains"], "with_php": ["domains", "--with-php"], "resellers": ["resellers"],
        "admins": ["admins"], "php": ["php"], "db_info": ["db_info"], "packages": ["packages"]}.items()}
    STATE["words"] = {**{f"{{uid:{name}}}": uid for name, uid in uids.items()},
                      **{f"{{reseller:{row['name']}}}": row["id"] for row in STATE["documents"]["resellers"]}}


# ---- the scripts


def test_030_every_numbered_case(host):
    before = on_disk(host)
    rows = all_cases()
    wrong = run_cases(host, rows)
    print(f"        {len(rows)} calls of {len({row.number for row in rows})} numbered cases", flush=True)
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong)
    assert on_disk(host) == before


def test_031_panel_info(host):
    """#1, 9, 10"""
    info = STATE["documents"]["panel_info"]
    assert set(info) == {"name", "version", "user_login_url", "supported_cl_features"}, info
    assert re.fullmatch(r"[A-Za-z0-9_-]+", info["name"]) and isinstance(info["version"], str)
    assert "{domain}" in info["user_login_url"] and "user_login_url_template" not in info
    assert all(isinstance(value, bool) for value in info["supported_cl_features"].values())


def test_032_rows_of_users(host):
    """#19 to 29"""
    fixture, rows = STATE["fixture"], STATE["documents"]["users"]
    assert as_set(rows) == as_set(fixture.users), rows
    assert all(tuple(sorted(row)) == tuple(sorted(FIELDS)) for row in rows)
    by_name = {row["username"]: row for row in rows}
    assert by_name["bob"]["email"] is None and by_name["bob"]["locale_code"] is None
    assert {"dave", "rita", "opsadm"} <= set(by_name) and not {"root", "stranger", "mailsvc", "rob", "billing", MAIN} & set(by_name)
    for words in (("users",), ("domains",), ("domains", "--with-php"), ("admins",)):
        first, second = calls(host, [{"argv": [BIN + words[0], *words[1:]], "user": "root"}] * 2)
        assert first["out"] == second["out"], words


def test_033_rows_of_domains(host):
    """#89, 90, 103 to 112, 177, 178"""
    fixture, domains, full = STATE["fixture"], STATE["documents"]["domains"], STATE["documents"]["with_php"]
    assert domains == fixture.domains, domains
    assert set(full) == set(domains)
    identifiers = {row["identifier"] for row in STATE["documents"]["php"]}
    assert identifiers == {"alt-php74", "alt-php83", "native-php84"}, identifiers
    for name, row in full.items():
        assert {key: value for key, value in row.items() if key != "php"} == domains[name], name
        assert re.fullmatch(r"\d{2,3}", row["php"]["version"]) and not row["php"]["ini_path"].endswith("/"), row
        assert row["php"]["php_version_id"] in identifiers, row
        assert row["php"].get("is_native", False) == (row["php"]["version"] == "84"), row
    assert (full["alice.example"]["php"]["version"], full["blog.alice.example"]["php"]["version"], full["static.alice.example"]["php"]["version"]) == ("83", "74", "84")
    assert full["xn--e1afmkfd.example"]["php"] == full["alice.example"]["php"]
    for row in domains.values():
        assert row["document_root"].startswith("/") and not row["document_root"].endswith("/")
    for account in ACCOUNTS:
        assert sum(row["is_main"] for row in domains.values() if row["owner"] == account) == 1, account
    for name in ("alice.example", "shop.bob.example"):  # what the web server of the account serves
        assert host.run("test", "-d", domains[name]["document_root"], check=False).returncode == 0, name


def test_034_resellers_and_admins(host):
    """#146, 147, 156, 157, 166, 167"""
    rows = {row["name"]: row for row in STATE["documents"]["resellers"]}
    assert set(rows) == set(RESELLERS)
    ids = [row["id"] for row in rows.values()]
    assert len(set(ids)) == len(ids) and all(isinstance(i, int) and 60000 <= i <= 0xFFFFFFFF for i in ids), ids
    assert not set(ids) & set(STATE["fixture"].uids.values())
    assert all({key: row[key] for key in ("name", "email", "locale_code")} == STATE["fixture"].resellers[name] for name, row in rows.items()), rows
    assert host.run("getent", "passwd", "rob", check=False).returncode == 2
    admins = {row["name"]: row for row in STATE["documents"]["admins"]}
    assert set(admins) == {MAIN, *ADMINS} and [name for name, row in admins.items() if row["is_main"]] == [MAIN]
    assert admins[MAIN]["unix_user"] == "root" and admins["admin2"]["unix_user"] == "opsadm" and admins["billing"]["unix_user"] is None
    host.api("PATCH", "/api/v1/admins/billing", {"unix_user": "opsadm"})
    assert [row["name"] for row in data(host, "admins") if row["unix_user"] == "opsadm"] == ["admin2", "billing"]
    host.api("PATCH", "/api/v1/admins/billing", {"unix_user": None})


def test_035_databases(host):
    """#168, 169, 172, 173"""
    info = STATE["documents"]["db_info"]
    assert set(info) == {"mysql"}
    mapped = host.run("cat", MAP).stdout.split("\n")
    uids = STATE["fixture"].uids
    assert sorted(filter(None, mapped)) == sorted(f"{name} {account} {uids[account]}" for account, names in DATABASES.items() for name in names), mapped
    assert info["mysql"]["access"] == MYSQL
    assert {account: sorted(names) for account, names in info["mysql"]["mapping"].items()} == DATABASES, info


def test_036_odd_text(host):
    """#79"""
    odd = {"alice": 'a"b\\c@alice.example', "bob": "\U0001f40d@bob.example"}
    for account, email in odd.items():
        try:
            host.do("PATCH", f"/api/v1/accounts/{account}", {"email": email})
        except Refused:
            continue  # what the panel never stores cannot come out wrong
        assert next(row["email"] for row in data(host, "users") if row["username"] == account) == email
        host.do("PATCH", f"/api/v1/accounts/{account}", {"email": ACCOUNTS[account][3]})
    assert PACKAGES[2] in [(row["name"], row["owner"]) for row in data(host, "packages")]


def test_037_the_file_and_the_scripts(host):
    """#179, 180, 182, 183"""
    import configparser
    ini = configparser.ConfigParser(strict=True)
    ini.read_string(host.run("cat", INI).stdout)
    assert ini.sections() == ["integration_scripts", "lvemanager_config"] and set(ini["integration_scripts"]) == set(SCRIPTS)
    assert host.run("stat", "-c", "%a %U %G", INI, "/opt/cpvendor", "/opt/cpvendor/etc", "/opt/cpvendor/bin").stdout.split("\n")[:4] == ["644 root root"] + ["755 root root"] * 3
    scripts = [*(value.split()[0] for value in ini["integration_scripts"].values()), ini["lvemanager_config"]["ui_user_info"]]
    above = {str(folder) for path in scripts for folder in pathlib.PurePosixPath(path).parents}
    for line in host.run("stat", "-L", "-c", "%u %a %n", *scripts, *sorted(above)).stdout.splitlines():
        owner, mode, path = line.split()
        assert owner == "0" and int(mode, 8) & 0o6022 == 0 and int(mode, 8) & 0o111 == 0o111, line
    assert all(path.startswith("/") for path in scripts)
    assert "--with-php" not in host.run("cat", INI).stdout
    program = host.run("readlink", "-f", BIN + "domains").stdout.strip()
    listed = host.run("ldd", program, check=False)
    assert listed.returncode != 0 or "statically linked" in listed.stdout, listed
    host.run("visudo", "-c")


def test_038_cagefs_files(host):
    """#207 to 213"""
    def hashes():
        return host.run("find", "/etc/cagefs", "/opt/cpvendor/etc", "-type", "f", "-exec", "sha256sum", "{}", "+").stdout

    files = hashes()
    host.run("bulkhead", "cloudlinux", "enable", "--force")
    assert INI in files and hashes() == files
    lines = host.run("cat", "/etc/cagefs/cagefs.mp").stdout.splitlines()
    assert lines.count("*/var/lib/bulkhead/cpapi/uid") == 1 and "/opt" in lines, lines
    commands = [line for line in host.run("find", "/etc/cagefs", "-name", "*.proxy.commands", "-exec", "cat", "{}", "+").stdout.splitlines() if line and not line.startswith("#")]
    assert len({line.split("=")[0].split(":")[0] for line in commands}) == len(commands) and any(line.endswith(f"=root:{ELEVATED}") for line in commands), commands
    assert ELEVATED in host.run("find", "/etc/cagefs/conf.d", "-name", "*.cfg", "-exec", "cat", "{}", "+").stdout


def test_039_what_is_there_already_is_told_when_it_is_switched_on(host):
    """#168, 209"""
    uids = STATE["fixture"].uids
    files = [MAP, *(f"/var/lib/bulkhead/cpapi/uid/{uid}/domains.json" for uid in uids.values())]
    before = host.run("sha256sum", *files).stdout
    host.run("bulkhead", "cloudlinux", "disable")
    assert host.run("ls", *files, check=False).stdout == ""
    report = json.loads(host.run("bulkhead", "--json", "cloudlinux", "enable", "--force").stdout)
    assert "queued" in report["accounts"], report
    wait_until(lambda: host.run("sha256sum", *files, check=False).stdout == before, 60, "the files of each account")


def test_040_verify_is_all_green(host):
    done = host.run("bulkhead", "--json", "cloudlinux", "verify", check=False, timeout=600)
    report = json.loads(done.stdout)
    findings = [f"{row['number']} {row['name']}: {finding['text']}" for row in report["checks"] for finding in row["findings"]]
    skipped = [f"{row['number']} {row['name']}: {row['skipped_because']}" for row in report["checks"] if row["result"] == "skipped"]
    times = sorted(row["median_ms"] for row in report["checks"] if row.get("calls"))
    print(f"        {report['summary']}, median {times[len(times) // 2]:.1f} ms, slowest {times[-1]:.1f} ms\n        " + "\n        ".join(skipped), flush=True)
    assert not findings, "\n".join(findings)
    assert done.returncode == 0 and report["ok"] is True
    table = host.run("bulkhead", "cloudlinux", "verify", "--user", "bob", "--other", "alice", "--stranger", "stranger", timeout=600).stdout
    assert "user bob, other alice, stranger stranger" in table and " 0 against what is stated, 0 against our reading only" in table, table[-2000:]


def test_041_verify_sees_what_is_wrong(host):
    """A panel that tells everybody everything is not green."""
    host.run("install", "-m", "0755", "/dev/stdin", "/opt/leaky", input='#!/bin/sh\nscript=$1; shift\n[ "$script" = domains ] || exec /opt/cpvendor/bin/$script "$@"\ncat /opt/all-domains\n')
    host.run("install", "-m", "0644", "/dev/stdin", "/opt/all-domains", input=host.run(BIN + "domains").stdout)
    ini = "[integration_scripts]\n" + "".join(f"{name} = /opt/leaky {name}\n" for name in SCRIPTS) + "[lvemanager_config]\nui_user_info = /opt/leaky\n"
    host.run("install", "-m", "0644", "/dev/stdin", "/root/leaky.ini", input=ini)
    done = host.run("bulkhead", "--json", "cloudlinux", "verify", "--integration-ini", "/root/leaky.ini", check=False, timeout=600)
    wrong = {row["name"] for row in json.loads(done.stdout)["checks"] if row["findings"]}
    assert done.returncode == 9 and {"a user gets its own domains", "a user asks for another's domains in vain", "domains works in a cage"} <= wrong, wrong
    assert "users answers root" not in wrong
    host.run("rm", "/opt/leaky", "/opt/all-domains", "/root/leaky.ini")


# ---- attacks

# Here, because tests run in the order in which a module has them.
from cloudlinux_attacks import (  # noqa: E402
    test_050_sudo_gives_nothing_else, test_051_claims_change_nothing_for_anybody, test_052_ten_megabytes_of_arguments,
    test_053_an_end_user_opens_nothing_of_others, test_054_two_names_with_one_uid, test_055_a_thousand_readers_while_a_writer_writes,
    test_060_the_panel_is_away)


# ---- hooks


def test_070_hooks_come_at_the_right_moment(host):
    """#184 to 206"""
    put_recorders(host)
    host.do("POST", "/api/v1/accounts", {"username": "eve", "plan": plan_id(host, "Basic"), "domain": "eve.example", "owner": "rita"})
    (seen,) = recorded(host)
    assert seen["argv"] == ["post_modify_user.py", "create", "--username", "eve", "--owner", "rita"] and "eve" in seen["users"] and "eve" in seen["passwd"], seen
    assert seen["ids"] == [0, 0] and seen["cwd"] == "/" and seen["stdin"] == "/dev/null" and seen["path"] == "/usr/sbin:/usr/bin:/sbin:/bin", seen
    assert set(seen["fds"]) <= {0, 1, 2, 3}, seen["fds"]
    host.do("POST", "/api/v1/accounts/eve/actions/restored")
    assert [seen["argv"] for seen in recorded(host)] == [["post_modify_user.py", "restore", "--username", "eve"]]
    host.do("POST", "/api/v1/accounts/eve/actions/rename", {"username": "eva"})
    (seen,) = recorded(host)
    assert seen["argv"] == ["post_modify_user.py", "modify", "-u", "eve", "--new-username", "eva"] and "eva" in seen["users"] and "eve" not in seen["users"], seen
    host.do("PATCH", "/api/v1/accounts/eva", {"owner": MAIN})
    assert [seen["argv"] for seen in recorded(host)] == [["post_modify_user.py", "modify", "-u", "eva", "--new-owner", MAIN]]
    host.do("POST", "/api/v1/domains/eve.example/actions/rename", {"name": "eva.example"})
    assert [seen["argv"] for seen in recorded(host)] == [["post_modify_domain.py", "modify", "-u", "eva", "--domain", "eve.example", "--new-domain", "eva.example"]]
    host.do("POST", "/api/v1/accounts/eva/domains", {"name": "second.eva.example"})
    host.do("POST", "/api/v1/domains/eva.example/actions/rename", {"name": "eve.example", "include_subdomains": True})
    assert [seen["argv"] for seen in recorded(host)] == [["post_modify_domain.py", "modify", "-u", "eva", "--domain", "eva.example", "--new-domain", "eve.example", "--include-subdomains"]]
    rename_plan(host, plan_id(host, "Empty"), "Bare")
    wait_until(lambda: host.run("test", "-s", LOG, check=False).returncode == 0, 30, "the hook")
    assert [seen["argv"] for seen in recorded(host)] == [["post_modify_package.py", "rename", "--name", "Empty", "--new-name", "Bare"]]
    rename_plan(host, plan_id(host, "Bare"), "Empty")
    wait_until(lambda: host.run("test", "-s", LOG, check=False).returncode == 0, 30, "the hook")
    recorded(host)
    host.run("touch", "/root/hooks-fail")
    host.do("PATCH", "/api/v1/accounts/eva", {"owner": "admin2"})
    assert [row["owner"] for row in data(host, "users") if row["username"] == "eva"] == ["admin2"]
    host.run("rm", "/root/hooks-fail")
    recorded(host)
    host.do("POST", "/api/v1/accounts/eva/actions/purge")
    before, after = [seen for seen in recorded(host) if "delete" in seen["argv"]]
    assert before["argv"] == ["pre_modify_user.py", "delete", "--username", "eva"] and "eva" in before["users"] and "eva" in before["passwd"], before
    assert after["argv"] == ["post_modify_user.py", "delete", "--username", "eva"] and "eva" not in after["users"] and "eva" not in after["passwd"], after


def test_071_hooks_of_administrators(host):
    """#197 to 200"""
    host.run("useradd", "--system", "--groups", "sudo", "adm3")
    host.api("POST", "/api/v1/admins", {"username": "third", "password": PASSWORD, "unix_user": "adm3"})
    wait_until(lambda: host.run("grep", "-c", "post_modify_admin", LOG, check=False).stdout.strip() == "2", 30, "the hook and its second form")
    assert [seen["argv"] for seen in recorded(host)] == [["post_modify_admin.py", "create", "--username", "adm3"], ["post_modify_admin.py", "create", "--name", "adm3"]]
    host.api("DELETE", "/api/v1/admins/third")
    wait_until(lambda: host.run("test", "-s", LOG, check=False).returncode == 0, 30, "the hook")
    assert [seen["argv"] for seen in recorded(host)] == [["post_modify_admin.py", "delete", "--name", "adm3"]]
    host.api("POST", "/api/v1/admins", {"username": "fourth", "password": PASSWORD})
    host.api("POST", "/api/v1/resellers", {"name": "plain"})
    host.api("DELETE", "/api/v1/admins/fourth")
    host.api("DELETE", "/api/v1/resellers/plain")
    time.sleep(2)
    assert recorded(host) == []
    host.run("userdel", "adm3")
    host.run("rm", "-rf", "/usr/share/cloudlinux")


def test_072_limits_are_applied_and_forgotten_where_no_hook_tells(host):
    """Changes of which no hook tells (section 8)."""
    host.run("install", "-m", "0755", "/dev/stdin", "/usr/sbin/lvectl", input=RECORDER)
    host.ensure_plan("Short-lived")
    host.do("PATCH", "/api/v1/accounts/alice", {"plan": plan_id(host, "Short-lived")})
    assert [seen["argv"] for seen in recorded(host)] == [["lvectl", "apply", str(STATE["fixture"].uids["alice"])]]
    host.do("PATCH", "/api/v1/accounts/alice", {"plan": plan_id(host, ACCOUNTS["alice"][1])})
    recorded(host)
    host.api("DELETE", f"/api/v1/plans/{plan_id(host, 'Short-lived')}")
    wait_until(lambda: host.run("test", "-s", LOG, check=False).returncode == 0, 30, "lvectl")
    assert [seen["argv"] for seen in recorded(host)] == [["lvectl", "package-delete", "Short-lived"]]
    host.run("rm", "/usr/sbin/lvectl")


# ---- pages


def test_080_who_signed_in(host):
    """#214 to 219"""
    def info(token):
        (answer,) = calls(host, [{"argv": [BIN + "cpapi-ui-user-info", *([] if token is None else [token])], "user": "root"}])
        return answer["code"], json.loads(answer["out"])
    for body, name, kind in (({"account": "alice"}, "alice", "user"), ({"reseller": "rita"}, "rita", "reseller"), ({"admin": "admin2"}, "admin2", "admin")):
        code, shown = info(host.api("POST", "/api/v1/ui-tokens", body)["token"])
        assert code == 0 and set(shown) == {"userName", "userId", "userType", "baseUri", "assetsUri", "lang", "userDomain"}, shown
        assert shown["userType"] == kind and shown["baseUri"].endswith("/") and not shown["assetsUri"].endswith("/") and re.fullmatch("[a-z]{2}", shown["lang"]), shown
        assert kind != "user" or (shown["userName"], shown["userId"], shown["userDomain"]) == ("alice", STATE["fixture"].uids["alice"], "alice.example"), (name, shown)
    for token in ("0" * 64, "", "x y", None, "../../etc/passwd"):
        assert info(token) == (1, {}), token


def test_090_all_is_taken_back(host):
    for name in ADMINS:  # first: an account that one of them works as cannot go
        host.api("DELETE", f"/api/v1/admins/{name}?reassign_to={MAIN}")
    all_done(host, [host.api("POST", f"/api/v1/accounts/{name}/actions/purge") for name in ACCOUNTS])
    assert data(host, "users") == [] and data(host, "domains") == {}
    host.run("bulkhead", "cloudlinux", "disable")
    assert host.run("test", "-e", INI, check=False).returncode == 1
    assert host.run("cat", "/etc/cagefs/cagefs.mp").stdout == "# mounts\n/opt\n"
    for name in RESELLERS:
        host.api("DELETE", f"/api/v1/resellers/{name}?reassign_to={MAIN}")
    for plan in host.api("GET", "/api/v1/plans")["data"]:
        host.api("DELETE", f"/api/v1/plans/{plan['id']}")
    host.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "purge", "bulkhead-cloudlinux")
    assert host.run("test", "-e", "/opt/cpvendor", check=False).returncode == 1
    for user in ("stranger", "mailsvc"):
        host.run("userdel", user)
    host.run("find", "/root", "-maxdepth", "1", "-name", "*.py", "-delete")
    host.run("rm", "-rf", "/opt/alt", "/usr/bin/php8.4", "/etc/php", "/etc/cagefs", "/etc/container", "/root/calls.json", "/root/cloudlinux.deb", MYSQL_FILE)
    host.expect_no_orphans()
