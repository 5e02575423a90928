"""Operations hold no more capabilities than they need: each that a host without engines can perform works with those that the contract
declares for it, and not without any single one of them."""
import json
import re

from operations_test import LIMITS, PROGRAM, before_each, call  # noqa: F401  (before_each is this module's, too)
from support import ROOT


def declared():
    """Operation -> its capabilities, as the generated reference has them."""
    found = {}
    for part in (ROOT / "docs" / "operations.md").read_text().split("\n## ")[1:]:
        listed = re.search(r"^- Capabilities: (.+)$", part, re.M)
        found[part.split("\n", 1)[0]] = re.findall(r"`cap_(\w+)`", listed.group(1)) if listed else []
    return found


def call_with(host, capabilities, name, **parameters):
    """As the agent's worker has them: in the bounding set, so that no program that it starts has more. Its answer, or None."""
    kept = ",".join(["-all", *(f"+{capability}" for capability in capabilities)])
    done = host.run("setpriv", f"--bounding-set={kept}", "--no-new-privs", PROGRAM, name, json.dumps(parameters), check=False)
    answer = json.loads(done.stdout or "{}")
    return answer if done.returncode == 0 and "reply" in answer else None


# Needed where this host cannot show it.
ELSEWHERE = {
    "net_bind_service": "nginx -t binds its ports; no site can be served without an engine",
}


def check(host, name, parameters, prepare, give_back):
    capabilities = declared()[name]
    unneeded = []
    for missing in (one for one in capabilities if one not in ELSEWHERE):
        prepare()
        if call_with(host, [one for one in capabilities if one != missing], name, **parameters) is not None:
            unneeded.append(missing)
        give_back()
    prepare()
    assert call_with(host, capabilities, name, **parameters) is not None, f"{name} does not work with what it declares"
    give_back()
    print(f"        {name}: {len(capabilities)} capabilities")
    assert not unneeded, f"{name} does not need {unneeded}"


def test_creation(host):
    check(host, "account.create", {"username": "opcaps", "limits": LIMITS}, lambda: None, lambda: call(host, "account.delete", username="opcaps"))


def test_suspension(host):
    def prepare():
        call(host, "account.create", username="opcaps", limits=LIMITS)
        uid = host.run("id", "-u", "opcaps").stdout.strip()
        host.run("systemd-run", "--quiet", "--collect", f"--uid={uid}", "--unit=opcaps-sleeper", "sleep", "300")

    def give_back():
        call(host, "account.delete", username="opcaps")

    check(host, "account.suspend", {"username": "opcaps"}, prepare, give_back)


def test_unsuspension(host):
    call(host, "account.create", username="opcaps", limits=LIMITS)
    check(host, "account.unsuspend", {"username": "opcaps"}, lambda: call(host, "account.suspend", username="opcaps"), lambda: None)


# What an account leaves in its home and elsewhere, some of it so that only its owner may change it.
LITTER = """import os
os.chdir('/home/opcaps')
for name, mode in (('shut', 0), ('sticky', 0o1777)):
    os.mkdir(name)
    os.chmod(name, mode)
for name in ('file', 'sticky/file', '/var/tmp/left'):
    open(name, 'w').close()
"""


def test_deletion(host):
    def prepare():
        call(host, "account.create", username="opcaps", limits=LIMITS)
        call(host, "firewall.open", username="opcaps", port=33000)
        uid = host.run("id", "-u", "opcaps").stdout.strip()
        host.run("systemd-run", "--quiet", "--collect", f"--uid={uid}", "--wait", "python3", "-I", "-c", LITTER)

    call(host, "firewall.setup")
    check(host, "account.delete", {"username": "opcaps"}, prepare, lambda: call(host, "account.delete", username="opcaps"))


def test_limits(host):
    call(host, "account.create", username="opcaps", limits=LIMITS)
    number = iter(range(100, 200))
    check(host, "limits.set", {"username": "opcaps", "limits": {**LIMITS, "tasks": next(number)}}, lambda: None,
          lambda: call(host, "limits.set", username="opcaps", limits={**LIMITS, "tasks": next(number)}))


def test_firewall(host):
    call(host, "account.create", username="opcaps", limits=LIMITS)
    call(host, "firewall.setup")
    check(host, "firewall.setup", {}, lambda: host.run("ufw", "disable"), lambda: None)
    check(host, "firewall.list", {"username": "opcaps"}, lambda: None, lambda: None)
    for name, before, after in (("firewall.open", None, "firewall.close"), ("firewall.close", "firewall.open", None)):
        rule = {"username": "opcaps", "port": 33000}
        check(host, name, rule, lambda before=before: before and call(host, before, **rule), lambda after=after: after and call(host, after, **rule))
