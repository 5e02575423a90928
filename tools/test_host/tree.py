# The cached Debian tree that every test host is laid over. It is built once for each recipe and never changed afterwards.
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import time

from test_host.common import CACHE, HERE, Failure, locked, run, say

UNUSED_SECONDS_MAX = 24 * 3600
RECIPE = ("packages.list", "customize.sh", "tree.py")


def key():
    digest = hashlib.sha256()
    for name in RECIPE:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()[:16]


def packages():
    lines = (HERE / "packages.list").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def aptSources():
    """The machine's own apt sources of this release: the tree comes from where the machine's packages come from."""
    places = [pathlib.Path("/etc/apt/sources.list")]
    places += sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*.list"))
    places += sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*.sources"))
    suite = re.compile(r"^(?!#).*\s(bookworm|bookworm-updates|bookworm-security)(\s|$)", re.MULTILINE)
    found = [str(place) for place in places if place.is_file() and suite.search(place.read_text())]
    if not found:
        raise Failure("no apt source of Debian 12 (bookworm) is configured on this machine")
    return found


def aptOptions():
    """The machine's apt settings without which its sources may not be reachable: proxies and date checks."""
    wanted = re.compile(r"^Acquire::(https?::Proxy|Check-Valid-Until|Check-Date)\b.*", re.IGNORECASE)
    lines = run("apt-config", "dump").splitlines()
    return [f"--aptopt={line.rstrip(';')}" for line in lines if wanted.match(line)]


def build(target, extraPackages=(), hook=None):
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--dpkgopt=force-unsafe-io",
               "--include=" + ",".join([*packages(), *extraPackages]), f"--customize-hook={HERE / 'customize.sh'} \"$1\""]
    if hook:
        command.append(f"--customize-hook={hook} \"$1\"")
    log = target.with_name(target.name + ".log")
    with open(log, "wb") as output:
        done = subprocess.run([*command, *aptOptions(), "bookworm", str(partial), *aptSources()],
                              stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        shutil.rmtree(partial, ignore_errors=True)
        raise Failure(f"mmdebstrap failed, its log is {log}:\n{tail}")
    partial.rename(target)


def prune(prefix, keep):
    """Removes what belongs to recipes that nobody has used for a while; other checkouts may still use theirs."""
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    for old in CACHE.glob(f"{prefix}-*"):
        unused = time.time() - old.stat().st_mtime > UNUSED_SECONDS_MAX
        if unused and not old.name.startswith(keep) and str(old) not in mounts:
            say(f"removing {old}, it belongs to another recipe")
            shutil.rmtree(old) if old.is_dir() else old.unlink()


def ensure():
    target = CACHE / f"tree-{key()}"
    with locked(CACHE / "tree.lock"):
        if not target.is_dir():
            say("building the Debian tree (once for each recipe; about a minute)")
            build(target)
            prune("tree", target.name)
            say(f"the tree is at {target}")
        os.utime(target)
    return target
