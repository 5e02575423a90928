"""The audit log as people ask it: what became of a request, and what a past call would do today."""
import json


def test_why_and_replay(host):
    host.ensure_plan()
    answer = host.request("POST", "/api/v1/accounts", {"username": "audited", "plan": "small", "domain": "audited.example"})
    assert answer.status == 202, answer.text
    assert host.wait_for_job(answer.body)["state"] == "succeeded"
    request = answer.headers["x-request-id"]
    told = host.cli("audit", "why", request).stdout
    assert "account.create audited for admin:main: allowed; to be done" in told and "done, and seen from outside" in told, told
    records = json.loads(host.cli("--json", "audit", "why", request).stdout)
    assert [record["seq"] for record in records] == sorted(record["seq"] for record in records)
    created = next(record for record in records if record["op"] == "account.create" and record["kind"] == "intent")
    # It is there already: nothing that matters would change.
    again = host.cli("audit", "replay", str(created["seq"]))
    assert "/etc/passwd" not in again.stdout, again.stdout
    host.do("POST", "/api/v1/accounts/audited/actions/purge")
    gone = json.loads(host.cli("--json", "audit", "replay", str(created["seq"])).stdout)
    assert any("passwd" in change["target"] for change in gone), gone
    assert host.run("getent", "passwd", "audited", check=False).returncode != 0, "a replay touches nothing"
    outcome = next(record for record in records if record["kind"] == "outcome")
    assert host.cli("audit", "replay", str(outcome["seq"]), check=False).returncode != 0
    assert host.cli("audit", "why", "01ARZ3NDEKTSV4RRFFQ69G5FAV", check=False).returncode == 3
