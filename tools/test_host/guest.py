# What a container host and a virtual machine have in common once a command can be run in them: copying and installing.
import pathlib
import subprocess
import sys

from test_host.common import Failure, say


def copy(call, source, target):
    """Copies a file or directory, keeping modes; owners become root. call(*argv, stdin=) runs a command in the guest."""
    path = pathlib.PurePosixPath(target)
    if not path.is_absolute() or not path.name:
        raise Failure(f"the target is an absolute path in the host: {target!r}")
    origin = pathlib.Path(source)
    if not origin.exists():
        raise Failure(f"{source} does not exist")
    if origin.is_dir():
        where, what = str(path), ["-C", str(origin), "."]
    else:
        where, what = str(path.parent), [f"--transform=s,.*,{path.name},", "-C", str(origin.parent), origin.name]
    call("mkdir", "-p", where)
    packer = subprocess.Popen(["tar", "--create", "--owner=0", "--group=0", *what], stdout=subprocess.PIPE)
    call("tar", "--extract", "--same-permissions", "--no-overwrite-dir", "--directory", where, stdin=packer.stdout)
    packer.stdout.close()
    if packer.wait() != 0:
        raise Failure(f"tar could not read {source}")


def install(call, directory):
    """Installs every package of a directory with apt, which has no source to fetch anything from."""
    found = sorted(pathlib.Path(directory).glob("*.deb"))
    if not found:
        raise Failure(f"no *.deb in {directory}")
    say(f"installing {len(found)} package(s)")
    call("rm", "-rf", "/var/tmp/packages")
    call("mkdir", "-m", "0755", "/var/tmp/packages")
    for package in found:
        copy(call, package, f"/var/tmp/packages/{package.name}")
    paths = [f"/var/tmp/packages/{package.name}" for package in found]
    output = call("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--reinstall",
                  "--allow-downgrades", "-o", "Dpkg::Use-Pty=0", *paths)
    print(output, end="", file=sys.stderr)
    say("packages are installed")
