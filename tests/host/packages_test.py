"""The life of the packages on a server of their own: installed as the README says, installed again, upgraded under load, removed,
purged. No customer's file goes with a package, and after the last customer nothing of the package stays."""
import http.client
import io
import json
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import time

from support import ROOT, TEST_HOST, Host, wait_until

NAME, DOMAIN = "alice", "alice.example"  # those of the README
DAEMONS = ("bulkhead-agent.service", "bulkhead-api.service", "bulkhead-gateway.service")
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-o", "Dpkg::Options::=--force-confold")
INTEGRATION = "/opt/cpvendor/etc/integration.ini"
KEPT = ("/etc/bulkhead/gateway.conf", "/etc/bulkhead/policy.d/10-mine.json", "/etc/bulkhead/gateway.d/mine.conf",
        "/etc/bulkhead/tls/gateway.crt", "/etc/bulkhead/tls/gateway.key")
# What apt, dpkg, systemd and the tools of other packages write for themselves.
OTHERS = re.compile(r"^/(root|tmp|var/tmp|var/cache|var/log/(apt|dpkg|alternatives|journal)|var/lib/(apt|dpkg|systemd|logrotate)|"
                    r"run/(systemd|udev|user|log|lock|adduser|ufw\.lock)|etc/(passwd|group|shadow|gshadow|subuid|subgid)-)(/|\.|$)?")

server = Host("test-packages", None)
address = None
before = None


def tear_down():
    server.down()


# ---- what one sees from outside

def get(domain):
    connection = http.client.HTTPConnection(address, 80, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": domain})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


def is_served(domain=DOMAIN):
    return get(domain)[0] == 200


class Probe:
    """Asks for the site all the time; any answer but its page is a failure."""

    def __enter__(self):
        self.answers, self.failures, self.over = 0, [], False
        self.thread = threading.Thread(target=self.ask)
        self.thread.start()
        return self

    def ask(self):
        while not self.over:
            try:
                status, text = get(DOMAIN)
                if status != 200 or "edited by its owner" not in text:
                    self.failures.append((status, text[:200]))
            except (OSError, http.client.HTTPException) as problem:
                self.failures.append(repr(problem))
            self.answers += 1
            time.sleep(0.02)

    def __exit__(self, *unused):
        self.over = True
        self.thread.join()


# ---- what one sees from inside

def snapshot():
    """Every path of the server, and every line of the files that name users, groups and ranges of ids."""
    paths = set(server.run("find", "/", "/home", "/run", "-xdev", "-path", "/proc", "-prune", "-o", "-path", "/sys", "-prune", "-o", "-print").stdout.splitlines())
    lines = set()
    for path in ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid", "/etc/login.defs", "/etc/nginx/nginx.conf"):
        lines |= {f"{path}: {line}" for line in server.run("cat", path, check=False).stdout.splitlines()}
    return {path for path in paths if not OTHERS.match(path)}, lines


def main_pid(unit):
    return int(server.run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout)


def check_daemons_are_new(pids):
    for unit in DAEMONS:
        pid = main_pid(unit)
        assert pid not in (0, pids[unit]), f"{unit} was not restarted"
        assert "(deleted)" not in server.run("readlink", f"/proc/{pid}/exe").stdout, unit


def digests(*paths):
    return server.run("sha256sum", *paths).stdout


def uid_of(name):
    return server.run("id", "-u", name).stdout.strip()


def image_of(name):
    return server.run("docker", "--config", "/var/lib/bulkhead/docker", "--context", name, "inspect", "--format", "{{.Image}}", "web").stdout.strip()


# ---- a newer package

def newer_image(archive, id_file):
    """The same image with one more label, so that it has another id under the same tag."""
    members = {}
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            members[member.name] = (member, tar.extractfile(member).read() if member.isfile() else b"")
    manifest = json.loads(members["manifest.json"][1])
    config = json.loads(members[manifest[0]["Config"]][1])
    config["config"]["Labels"]["bulkhead.newer"] = "yes"
    text = json.dumps(config, sort_keys=True).encode()
    digest = subprocess.run(["sha256sum"], input=text, capture_output=True, check=True).stdout.decode().split()[0]
    del members[manifest[0]["Config"]]
    manifest[0]["Config"] = f"{digest}.json"
    members[f"{digest}.json"] = (tarfile.TarInfo(f"{digest}.json"), text)
    members["manifest.json"] = (tarfile.TarInfo("manifest.json"), json.dumps(manifest).encode())
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(members):
            member, content = members[name]
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    id_file.write_text(f"sha256:{digest}\n")
    return f"sha256:{digest}"


def newer_package(package, directory):
    """The package as its next version would be: another version, a configuration file that changed, another image."""
    tree = directory / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"^Version: (.*)$", r"Version: \1+next", control.read_text(), flags=re.M))
    gateway = tree / "etc/bulkhead/gateway.conf"
    gateway.write_text("# the next version says something else here\n" + gateway.read_text())
    images = tree / "usr/lib/bulkhead/images"
    image = newer_image(images / "web.tar", images / "web.id")
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, directory / "next.deb"], check=True, stdout=subprocess.DEVNULL)
    return directory / "next.deb", image


def domains_of_root():
    """The script by which CloudLinux asks, answered by the panel."""
    return server.run("/opt/cpvendor/bin/domains").stdout


def install_again():
    server.run(*APT, "install", "/root/next.deb")
    server.cli("setup")
    wait_until(is_served, 120, "the site after setup")  # the engine starts first


# ---- the tests, in the order of a server's life

def readme_commands(section):
    text = (ROOT / "README.md").read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return [line for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S) for line in block.splitlines() if line]


def test_every_program_is_hardened(_):
    """What the compiler was told shows in what it made: the package's own programs, as readelf sees them."""
    package, = (ROOT / "build" / "packages").glob("bulkhead_*.deb")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
        programs = [path for path in pathlib.Path(folder).rglob("*") if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF"]
        assert len(programs) >= 3, programs
        for program in programs:
            shown = subprocess.run(["readelf", "--wide", "--file-header", "--program-headers", "--dynamic", "--symbols", "--notes", program],
                                   check=True, capture_output=True, text=True).stdout
            missing = [what for what, pattern in (
                ("position independent", r"Type:\s+DYN"), ("no executable stack", r"GNU_STACK\s.* RW +0x"), ("relocations read-only", r"GNU_RELRO"),
                ("bound at the start", r"BIND_NOW|FLAGS_1.*NOW"), ("stack protector", r"__stack_chk_fail"), ("checked copies", r"__\w+_chk")) if not re.search(pattern, shown)]
            # A static program has neither a loader's table nor names of what it calls.
            if "INTERP" not in shown:
                missing = [what for what in missing if what not in ("bound at the start", "stack protector", "checked copies")]
            assert not missing, (program.name, missing)
            assert not re.search(r"R(UN)?PATH", shown), program.name
            print(f"        {program.name}: hardened")


def test_the_readme_works_as_written(host):
    global address, before
    server.up()
    address = subprocess.run([TEST_HOST, "address", server.name], capture_output=True, text=True, check=True).stdout.split()[0]
    before = snapshot()
    server.run("mkdir", "-p", "/root/build")
    subprocess.run([TEST_HOST, "cp", server.name, host.packages, "/root/build/packages"], check=True)
    commands = readme_commands("A real server")
    assert commands[0].startswith("tools/package ") and commands[1].startswith("apt install "), commands
    for command in commands[1:]:  # the first one made the packages
        print(f"        {command}", flush=True)
        server.run("bash", "-ec", f"cd /root; {command}")
    assert is_served() and DOMAIN in get(DOMAIN)[1]
    for command in readme_commands("Two commands"):
        program = ROOT / re.match(r"sudo (tools/\w+)", command).group(1)
        assert program.stat().st_mode & 0o111, command


def test_installing_again_keeps_what_is_the_administrators(host):
    server.run("sed", "-i", "s/.*/edited by its owner/", f"/home/{NAME}/sites/{DOMAIN}/public/index.html")
    server.run("bash", "-ec", "echo '# mine' >>/etc/bulkhead/gateway.conf; echo '# mine' >/etc/bulkhead/gateway.d/mine.conf; "
               "echo '{\"version\": 1, \"operations\": {\"audit.list\": {\"perMinute\": 7}}}' >/etc/bulkhead/policy.d/10-mine.json")
    kept, pids = digests(*KEPT), {unit: main_pid(unit) for unit in DAEMONS}
    with Probe() as probe:
        server.run("bash", "-ec", " ".join(APT) + " install --reinstall /root/build/packages/bulkhead_*.deb")
        wait_until(lambda: server.cli("whoami", check=False).returncode == 0, 20, "the panel")
    assert probe.answers > 50 and not probe.failures, (probe.answers, probe.failures[:5])
    check_daemons_are_new(pids)
    assert digests(*KEPT) == kept


def test_the_cloudlinux_package_comes_and_goes_without_a_trace(host):
    """Purged while it is switched on: nothing is left that CloudLinux would believe, or that a user could start."""
    paths, lines = snapshot()
    assert server.cli("cloudlinux", "enable", "--force", check=False).returncode != 0, "without the package there is nothing to switch on"
    with Probe() as probe:
        server.run("bash", "-ec", " ".join(APT) + " install /root/build/packages/cloudlinux/bulkhead-cloudlinux_*.deb")
        wait_until(lambda: server.cli("whoami", check=False).returncode == 0, 20, "the panel")
    assert probe.answers and not probe.failures, (probe.answers, probe.failures[:5])
    assert server.run("systemctl", "is-active", "bulkhead-cpapi.socket").stdout.strip() == "active"
    assert server.run("test", "-e", INTEGRATION, check=False).returncode == 1, "a package alone must not make CloudLinux believe in it"
    assert NAME in domains_of_root()
    assert server.cli("cloudlinux", "enable", check=False).returncode != 0, "this host is not CloudLinux"
    server.cli("cloudlinux", "enable", "--force")
    assert server.cli("cloudlinux", "status", check=False).returncode in (0, 9) and server.run("test", "-e", INTEGRATION)
    server.cli("cloudlinux", "disable")
    assert server.run("test", "-e", INTEGRATION, check=False).returncode == 1
    server.cli("cloudlinux", "enable", "--force")
    server.run("bash", "-ec", " ".join(APT) + " install --reinstall /root/build/packages/cloudlinux/bulkhead-cloudlinux_*.deb")
    assert server.run("test", "-e", INTEGRATION) and NAME in domains_of_root()
    server.run(*APT, "purge", "bulkhead-cloudlinux")
    left = snapshot()
    paths.add("/run/bulkhead/database-users.lock")  # the panel's, made at its first use
    assert left[0] - paths == set() and left[1] == lines, (sorted(left[0] - paths)[:50], left[1] ^ lines)
    assert paths - left[0] == set(), sorted(paths - left[0])[:50]
    assert server.run("systemctl", "is-active", "bulkhead-api.service").stdout.strip() == "active" and is_served()


def test_an_upgrade_disturbs_no_site_and_no_job(host):
    package = next(pathlib.Path(host.packages).glob("bulkhead_*.deb"))
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-upgrade-"))
    try:
        upgrade, image = newer_package(package, scratch)
        subprocess.run([TEST_HOST, "cp", server.name, upgrade, "/root/next.deb"], check=True)
    finally:
        shutil.rmtree(scratch)
    kept, pids = digests(*KEPT), {unit: main_pid(unit) for unit in DAEMONS}
    jobs = [json.loads(server.cli("--json", "account", "create", name, "--plan", "small", "--domain", f"{name}.example", "--no-wait").stdout)["id"]
            for name in ("bob", "carol")]
    with Probe() as probe:
        server.run(*APT, "install", "/root/next.deb")
        for job in jobs:
            server.cli("job", "watch", job)
    assert probe.answers > 50 and not probe.failures, (probe.answers, probe.failures[:5])
    assert server.run("dpkg-query", "-W", "-f", "${Version}", "bulkhead").stdout.endswith("+next")
    check_daemons_are_new(pids)
    assert digests(*KEPT) == kept and server.run("ls", "/etc/bulkhead").stdout.split().count("gateway.conf.dpkg-dist") == 1
    assert is_served("bob.example") and is_served("carol.example")
    assert image_of("bob") == image != image_of(NAME)
    server.cli("account", "suspend", NAME)
    server.cli("account", "unsuspend", NAME)
    assert image_of(NAME) == image and is_served()
    images = server.run("docker", "--config", "/var/lib/bulkhead/docker", "--context", NAME, "images", "--quiet").stdout.split()
    assert len(images) == 1, f"the older image is left: {images}"
    for name in ("bob", "carol"):
        server.cli("account", "purge", name, "--yes")


def test_removal_stops_everything_and_keeps_the_accounts(host):
    uid = uid_of(NAME)
    done = server.run(*APT, "remove", "bulkhead")
    assert "1 hosting account(s) stay" in done.stdout + done.stderr, done
    assert server.run("pgrep", "-u", uid, check=False).returncode == 1, "a process of the account is left"
    assert server.run("systemctl", "list-units", "--no-legend", "--state=active", "bulkhead-*.service", "bulkhead-*.socket").stdout == ""
    assert server.run("systemctl", "is-active", "nginx.service").stdout.strip() == "active"
    server.run("nginx", "-t")
    assert "edited by its owner" in server.run("cat", f"/home/{NAME}/sites/{DOMAIN}/public/index.html").stdout
    install_again()
    assert uid_of(NAME) == uid and server.cli("audit", "verify").stdout.startswith("audit verify: ok, ")


def test_purge_never_takes_a_customer(host):
    uid = uid_of(NAME)
    done = server.run(*APT, "purge", "bulkhead")
    assert "1 hosting account(s) exist" in done.stdout + done.stderr, done
    assert uid_of(NAME) == uid
    assert "edited by its owner" in server.run("cat", f"/home/{NAME}/sites/{DOMAIN}/public/index.html").stdout
    install_again()
    assert "edited by its owner" in get(DOMAIN)[1]
    assert server.cli("audit", "verify").stdout.startswith("audit verify: ok, ")


def test_purge_after_the_last_account_leaves_nothing(host):
    server.cli("account", "purge", NAME, "--yes")
    server.run(*APT, "purge", "bulkhead")
    after = snapshot()
    assert after[0] - before[0] == set(), sorted(after[0] - before[0])[:50]
    assert before[0] - after[0] == {"/etc/nginx/sites-enabled/default"}, sorted(before[0] - after[0])[:50]
    # The limits of useradd stay as setup made them: files of deleted accounts in a backup must not become a new user's.
    kept = {"/etc/login.defs: UID_MAX 19999", "/etc/login.defs: GID_MAX 19999"}
    assert {" ".join(line.split()) for line in after[1] - before[1]} == kept, sorted(after[1] ^ before[1])
    assert {line.split()[1] for line in before[1] - after[1]} == {"UID_MAX", "GID_MAX"}, sorted(after[1] ^ before[1])
    assert server.run("systemctl", "list-units", "--all", "--no-legend", "*bulkhead*").stdout == ""
    assert server.run("systemctl", "list-unit-files", "--no-legend", "*bulkhead*", check=False).stdout == ""
    assert server.run("systemctl", "is-active", "nginx.service").stdout.strip() == "active"
    assert re.search(r"^22\D.*ALLOW", server.run("ufw", "status").stdout, re.M), "the way in for the administrator is closed"
