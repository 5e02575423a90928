# A control group for each host, below the caller's own, so that two hosts never share one and a host's slices have real limits.
import contextlib
import os
import pathlib


def hierarchies(pid="self"):
    """Yields (mount point, version, path of the process) for each mounted hierarchy."""
    mounts = {}
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        left, right = line.split(" - ", 1)
        kind, _, options = right.split(" ", 2)
        if kind == "cgroup2":
            mounts[""] = (left.split()[4], 2)
        elif kind == "cgroup":
            for option in options.split(","):
                mounts[option] = (left.split()[4], 1)
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        found = mounts.get(controllers.split(",")[0])
        # A new cpuset group of version 1 holds no processor and admits no process; systemd does not use it.
        if found and controllers != "cpuset":
            yield pathlib.Path(found[0]), found[1], path.lstrip("/")


def prepare(name):
    """Makes the host's groups and returns their directories. Nothing to do where systemd manages the machine."""
    made = []
    if os.path.isdir("/run/systemd/system"):
        return made
    for mount, version, path in hierarchies():
        if version == 2:
            path = ""  # Controllers can be handed on only from the root or from a group without processes.
            available = (mount / "cgroup.controllers").read_text().split()
            for controller in available:
                with contextlib.suppress(OSError):
                    (mount / "cgroup.subtree_control").write_text(f"+{controller}")
        group = mount / path / f"bulkhead-{name}"
        group.mkdir(exist_ok=True)
        made.append(str(group))
    return made


def enter(groups):
    """Moves the calling process; meant for a child between fork and exec."""
    for group in groups:
        with open(os.path.join(group, "cgroup.procs"), "w") as handle:
            handle.write("0")


def join(pid):
    """Moves the calling process into the groups of another: what runs in a host is limited and counted there."""
    for mount, _, path in hierarchies(pid):
        with contextlib.suppress(OSError):
            (mount / path / "cgroup.procs").write_text(str(os.getpid()))


def remove(groups):
    for group in groups:
        for directory, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(directory)
