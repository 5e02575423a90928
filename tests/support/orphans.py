"""Runs inside a host: lists everything that belongs to a hosting account which is not among the names given as arguments.
Walks passwd, shadow, group, gshadow, subuid, subgid, /home, units, slices, contexts, vhosts, sockets, UFW rules and the uids of all
processes and of all files in shared directories. Prints a JSON list; empty means clean."""
import json
import pathlib
import re
import subprocess
import sys

UID_FIRST, UID_LAST = 20000, 59999
SUBUID_BASE, SUBUID_COUNT = 603979776, 65536
living = set(sys.argv[1:])
found = []


def lines(path):
    try:
        return [line for line in pathlib.Path(path).read_text().splitlines() if line]
    except FileNotFoundError:
        return []


def names(path):
    return [line.split(":")[0] for line in lines(path)]


def managed(uid):
    return UID_FIRST <= uid <= UID_LAST or uid >= SUBUID_BASE


def check_account_files():
    uids = {}
    for line in lines("/etc/passwd"):
        name, _, uid, *_ = line.split(":")
        if not managed(int(uid)):
            continue
        if name in living:
            uids[int(uid)] = name
        else:
            found.append(f"/etc/passwd: {name}")
    users, groups = set(names("/etc/passwd")), set(names("/etc/group"))
    found.extend(f"/etc/group: {line.split(':')[0]}" for line in lines("/etc/group") if managed(int(line.split(":")[2])) and line.split(":")[0] not in living)
    found.extend(f"/etc/shadow: {name}" for name in names("/etc/shadow") if name not in users)
    found.extend(f"/etc/gshadow: {name}" for name in names("/etc/gshadow") if name not in groups)
    for path in ("/etc/subuid", "/etc/subgid"):
        found.extend(f"{path}: {name}" for name in names(path) if name not in living)
    for path in ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid"):
        have = names(path)
        found.extend(f"{path}: {name} is there {have.count(name)} times" for name in living if have.count(name) != 1)
    return uids


uids = check_account_files()


def owner_ok(uid):
    if not managed(uid) or uid in uids:
        return True
    return uid >= SUBUID_BASE and (UID_FIRST + (uid - SUBUID_BASE) // SUBUID_COUNT) in uids


def check_directories():
    found.extend(f"/home: {entry.name}" for entry in pathlib.Path("/home").iterdir() if entry.name not in living and entry.name != "lost+found")
    for directory in ("/tmp", "/var/tmp", "/var/mail", "/var/spool/cron/crontabs", "/run/bulkhead-engine", "/run/bulkhead-sites", "/run/user",
                      "/dev/shm", "/var/lib/systemd/linger"):
        base = pathlib.Path(directory)
        for entry in base.iterdir() if base.is_dir() else []:
            if not owner_ok(entry.lstat().st_uid) or (entry.name.isdigit() and not owner_ok(int(entry.name))):
                found.append(f"{entry} (uid {entry.lstat().st_uid})")


def check_processes():
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            status = (process / "status").read_text()
        except OSError:
            continue
        uid = int(re.search(r"^Uid:\s+(\d+)", status, re.M).group(1))
        if not owner_ok(uid):
            found.append(f"process {process.name} {re.search('^Name:.(.*)', status, re.M).group(1)} (uid {uid})")


def check_units():
    listed = ""
    for what in ("list-units", "list-unit-files"):
        command = ["/usr/bin/systemctl", what, "--all", "--plain", "--no-legend", "bulkhead-engine@*", "bulkhead-account-*"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0 and (done.stdout or done.stderr):  # 1 without a word: there is no such unit
            sys.exit(done.stderr)
        listed += done.stdout
    for unit in {line.split()[0] for line in listed.splitlines() if line.strip()}:
        number = re.search(r"(\d{5,})", unit)
        if number and int(number.group(1)) not in uids:
            found.append(f"unit {unit}")
    for base in ("/etc/systemd/system", "/run/systemd/system", "/etc/systemd/system.control", "/run/systemd/transient", "/etc/tmpfiles.d"):
        for path in pathlib.Path(base).rglob("*") if pathlib.Path(base).is_dir() else []:
            number = re.search(r"bulkhead-(?:engine@|account-|sites-)(\d+)", path.name)
            if number and int(number.group(1)) not in uids:
                found.append(str(path))


def check_services():
    accounts = pathlib.Path("/var/lib/bulkhead/agent/accounts")
    found.extend(f"registry: {record.name}" for record in (accounts.iterdir() if accounts.is_dir() else []) if record.name not in living)
    sites = pathlib.Path("/etc/nginx/bulkhead/sites")
    for vhost in sites.iterdir() if sites.is_dir() else []:
        uid = re.search(r"/run/bulkhead-sites/(\d+)/", vhost.read_text())
        if (uid and int(uid.group(1)) not in uids) or not vhost.name.endswith(".conf"):
            found.append(f"vhost {vhost.name}")
    meta = pathlib.Path("/var/lib/bulkhead/docker/contexts/meta")
    for context in meta.glob("*/meta.json") if meta.is_dir() else []:
        name = json.loads(context.read_text()).get("Name")
        if name not in living:
            found.append(f"docker context {name}")
    rules = subprocess.run(["/usr/sbin/ufw", "status"], capture_output=True, text=True, check=True).stdout
    found.extend(f"ufw rule of {comment}" for comment in re.findall(r"#\s*(\S+)\s*$", rules, re.M) if comment not in living and comment != "bulkhead")


check_directories()
check_processes()
check_units()
check_services()
print(json.dumps(sorted(set(found))))
