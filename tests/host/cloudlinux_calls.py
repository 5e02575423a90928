"""What the tests of the CloudLinux integration share: calls inside the host, what must hold for every answer, recorders in the place of the hooks."""
import base64
import json
import re

from cloudlinux_cases import BIN, ELEVATED, STATUS
from support import ROOT

INI = "/opt/cpvendor/etc/integration.ini"
HOOKS = "/usr/share/cloudlinux/hooks"
LOG = "/root/hooks.log"
SCRIPTS = ("panel_info", "db_info", "packages", "users", "domains", "resellers", "admins", "php")
CALLERS = {"R": "root", "A": "alice", "B": "bob", "D": "dave", "RI": "rita", "O": "opsadm", "X": "stranger", "M": "mailsvc", "cage(a)": "alice", "cage(b)": "bob"}
WATCHED = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/subuid", "/opt/cpvendor", "/etc/container", "/var/lib/bulkhead", "/usr/libexec/bulkhead")
# Each hook asks a script back while the panel waits for it, and writes down what it saw.
RECORDER = f"""#!/usr/bin/python3 -I
import json, os, pwd, subprocess, sys
users = json.loads(subprocess.run(["{BIN}users"], capture_output=True, timeout=30).stdout)
names = [row["username"] for row in users["data"] or []]
packages = json.loads(subprocess.run(["{BIN}packages"], capture_output=True, timeout=30).stdout)["data"]
links = {{int(n): os.readlink("/proc/self/fd/" + n) for n in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + n)}}
with open("{LOG}", "a") as log:
    log.write(json.dumps({{"argv": [os.path.basename(sys.argv[0])] + sys.argv[1:], "ids": [os.getuid(), os.getgid()], "cwd": os.getcwd(), "path": os.environ.get("PATH"),
                          "fds": sorted(links), "stdin": links.get(0), "users": names, "packages": [p["name"] for p in packages or []],
                          "passwd": [p.pw_name for p in pwd.getpwall()]}}) + "\\n")
sys.exit(1 if os.path.exists("/root/hooks-fail") else 2 if "post_modify_admin" in sys.argv[0] and "--username" in sys.argv and "create" in sys.argv else 0)
"""
STATE = {}



# ---- calls


def calls(host, listed):
    """Runs calls inside, in one go; see tests/support/cpapi_calls.py."""
    source = (ROOT / "tests" / "support" / "cpapi_calls.py").read_text()
    host.run("install", "-m", "0600", "/dev/stdin", "/root/cpapi_calls.py", input=source)
    host.run("install", "-m", "0600", "/dev/stdin", "/root/calls.json", input=json.dumps(listed))
    answers = json.loads(host.run("python3", "-I", "/root/cpapi_calls.py", "/root/calls.json", timeout=900).stdout)
    for answer in answers:
        answer["out"], answer["err"] = base64.b64decode(answer["out"]), base64.b64decode(answer["err"])
    return answers


def script(host, *words, user="root", **more):
    """One call that must be right in form; answers its document."""
    (answer,) = calls(host, [{"argv": [BIN + words[0], *words[1:]], "user": user, **more}])
    assert faults_of_every_answer(answer) == [], (words, answer)
    return json.loads(answer["out"])


def data(host, *words, **more):
    document = script(host, *words, **more)
    assert document["metadata"]["result"] == "ok", document
    return document["data"]


def faults_of_every_answer(answer):
    faults = []
    if answer["signal"]:
        return [f"ended by signal {answer['signal']}"]
    try:
        text = answer["out"].decode("utf-8")
        document, end = json.JSONDecoder().raw_decode(text)
        if text[end:] not in ("", "\n"):
            faults.append("text after the document")
        result = document["metadata"]["result"]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError) as problem:
        return [f"no document: {problem}: {answer['out'][:200]!r} {answer['err'][:200]!r}"]
    if result not in STATUS:
        return [f"result {result}"]
    if answer["code"] != STATUS[result]:
        faults.append(f"exit {answer['code']} for {result}")
    if result == "ok":
        if answer["err"]:
            faults.append(f"stderr: {answer['err'][:200]!r}")
    elif document["data"] is not None or not document["metadata"]["message"] or set(document["metadata"]) != {"result", "message"}:
        faults.append(f"not the form of an error: {document}")
    if set(document) != {"data", "metadata"}:
        faults.append(f"keys {sorted(document)}")
    return faults


def as_set(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows) if isinstance(rows, list) else json.dumps(rows, sort_keys=True)


def expected_data(fixture, wanted, documents):
    if callable(wanted):
        return wanted(fixture)
    kind, _, names = wanted.partition(":")
    if kind == "panel_info":
        return documents["panel_info"]
    if kind in ("resellers", "admins"):
        return [row for row in documents[kind] if row["name"] in names.split(",")]
    if kind == "php":
        return {name: row for name, row in documents["with_php"].items() if names in ("all", row["owner"], name)}
    raise AssertionError(wanted)


def substituted(text, words):
    return re.sub(r"\{(uid|reseller):(\w+)\}", lambda match: str(words[match.group(0)]), text) if isinstance(text, str) else text


def call_of(row, words):
    more = dict(row.more)
    entry = more.pop("entry", None)
    argv = [substituted(word, words) for word in row.words]
    environment = {key: substituted(value, words) for key, value in more.pop("environment", {}).items()}
    call = {"environment": environment, **more}
    if row.caller == "PX":
        return {**call, "argv": [ELEVATED, *argv], "user": "root"}
    if row.caller.startswith("SU("):
        return {**call, "argv": ["/usr/bin/sudo", "-n", ELEVATED, *argv], "user": {"SU(a)": "alice", "SU(root)": "root", "SU(x)": "stranger"}[row.caller]}
    if entry == "cpapi":
        argv = [BIN + "cpapi", *argv]
    elif "program" in more:
        argv = [ELEVATED, *argv[1:]]
    else:
        argv = [BIN + argv[0], *argv[1:]]
    return {**call, "argv": argv, "user": CALLERS[row.caller], "cage": row.caller.startswith("cage")}


def run_cases(host, rows):
    """Runs the rows; answers one line for each thing that is wrong."""
    fixture, words, documents = STATE["fixture"], STATE["words"], STATE["documents"]
    wrong = []
    for row, answer in zip(rows, calls(host, [call_of(row, words) for row in rows])):
        label = f"#{row.number} {row.caller}: {' '.join(str(word)[:60] for word in row.words)} {row.more or ''}"
        if row.more.get("stdout") == "broken" or 1 in row.more.get("close", []):
            if answer["signal"]:
                wrong.append(f"{label}: signal {answer['signal']}")
            continue
        faults = faults_of_every_answer(answer)
        if not faults:
            document = json.loads(answer["out"])
            result = document["metadata"]["result"]
            if row.expect in STATUS:
                if result != row.expect:
                    faults.append(f"{result} instead of {row.expect}: {document['metadata'].get('message', '')}")
            elif isinstance(row.expect, str) and row.expect.startswith("either:"):
                whole = documents[row.expect.partition(":")[2]]
                own = fixture.of("opsadm") if row.expect.endswith("domains") else None
                if not (result == "PermissionDenied" and own is None) and as_set(document["data"]) not in (as_set(whole), as_set(own)):
                    faults.append(f"neither an administrator's answer nor a user's: {str(document)[:200]}")
            elif result != "ok":
                faults.append(f"{result} instead of ok: {document['metadata']['message']}")
            elif row.expect is not None and as_set(document["data"]) != as_set(expected_data(fixture, row.expect, documents)):
                faults.append(f"data {str(document['data'])[:300]} instead of {str(expected_data(fixture, row.expect, documents))[:300]}")
        wrong += [f"{label}: {fault}" for fault in faults]
    return wrong


def on_disk(host):
    """What reading must not change: names, sizes and times of modification."""
    return host.run("find", *WATCHED, "-printf", "%p %y %m %u %s %T@\n", check=False).stdout


# ---- hooks and packages


def put_recorders(host):
    host.run("install", "-d", HOOKS)
    for name in ("post_modify_user.py", "pre_modify_user.py", "post_modify_domain.py", "post_modify_package.py", "post_modify_admin.py"):
        host.run("install", "-m", "0755", "/dev/stdin", f"{HOOKS}/{name}", input=RECORDER)


def recorded(host):
    lines = host.run("cat", LOG, check=False).stdout.splitlines()
    host.run("rm", "-f", LOG)
    return [json.loads(line) for line in lines]


def given(**fields):
    return {key: value for key, value in fields.items() if value is not None}


def plan_id(host, name):
    return next(row["id"] for row in host.api("GET", "/api/v1/plans")["data"] if row["name"] == name)


def rename_plan(host, plan, name):
    answer = host.request("PATCH", f"/api/v1/plans/{plan}", {"name": name}, headers={"If-Match": host.request("GET", f"/api/v1/plans/{plan}").headers["etag"]})
    assert answer.status < 300, (answer.status, answer.text)
    if answer.status == 202:
        host.wait_for_job(answer.body)
