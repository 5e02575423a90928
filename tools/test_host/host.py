# One disposable Debian host: systemd-nspawn on an overlay over the cached tree, in a network namespace and control groups of its own.
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import uuid

from test_host import cgroups, forward_control, guest, network, tree
from test_host.common import (GUEST_PATH, HOSTS, Failure, alive, end, locked, process, readState, run, say,
                              waitFor, writeState)

BOOT_SECONDS_MAX = 90
POWEROFF_SECONDS_MAX = 20
# Directories that must be on a real file system: an engine's overlay cannot lie on another overlay.
REAL_DIRECTORIES = ("home",)


def all():
    if not HOSTS.is_dir():
        return []
    states = (readState(place) for place in sorted(HOSTS.iterdir()))
    return [state for state in states if state]


def find(name):
    return readState(HOSTS / name)


def running(name):
    state = find(name)
    if not state or not alive(state.get("leader")):
        raise Failure(f"{name} is not running; start it with: tools/test-host up {name}")
    return state


def inside(state, argv):
    return ["nsenter", "-t", str(state["leader"]["pid"]), "-a", "--", "/usr/bin/env", "-i", f"PATH={GUEST_PATH}",
            "HOME=/root", "LANG=C.UTF-8", f"TERM={os.environ.get('TERM', 'dumb')}", *argv]


def call(state, *argv, **options):
    return run(*inside(state, argv), cwd="/", preexec_fn=lambda: cgroups.join(state["leader"]["pid"]), **options)


def execute(name, argv):
    """Becomes the command inside the host, so that streams and exit code are its own."""
    state = running(name)
    cgroups.join(state["leader"]["pid"])
    os.closerange(3, 1024)
    os.execvp("nsenter", inside(state, argv))


def mounted(path):
    return any(line.split()[1] == str(path) for line in pathlib.Path("/proc/self/mounts").read_text().splitlines())


def prepareRoot(place, lower):
    for directory in ("upper", "work", "root", *REAL_DIRECTORIES):
        (place / directory).mkdir(mode=0o755, parents=True, exist_ok=True)
    run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={place / 'upper'},workdir={place / 'work'}",
        str(place / "root"))
    name = place.name
    (place / "root/etc/machine-id").write_text(uuid.uuid4().hex + "\n")
    (place / "root/etc/hostname").write_text(name + "\n")
    (place / "root/etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}.test {name}\n::1 localhost ip6-localhost\n")


def launch(place, state):
    """Starts systemd-nspawn and returns it with the host's process 1."""
    command = ["systemd-nspawn", "--quiet", f"--directory={place / 'root'}", f"--machine=bulkhead-{state['name']}",
               f"--hostname={state['name']}", f"--network-namespace-path={state['namespace']}", "--console=pipe",
               "--capability=all", "--system-call-filter=add_key keyctl bpf @privileged", "--bind=/dev/fuse",
               "--resolv-conf=off", "--timezone=off", "--link-journal=no", "--kill-signal=SIGRTMIN+3"]
    command += [f"--bind={place / directory}:/{directory}" for directory in REAL_DIRECTORIES]
    if not os.path.isdir("/run/systemd/system"):
        command += ["--register=no", "--keep-unit"]
    command.append("/usr/lib/test-host/init")
    with open(place / "console.log", "wb") as console:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd="/",
                                 start_new_session=True, preexec_fn=lambda: cgroups.enter(state["groups"]))

    def leader():
        if child.poll() is not None:
            raise Failure(f"systemd-nspawn ended:\n{(place / 'console.log').read_text(errors='replace')[-3000:]}")
        for pid in pathlib.Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                    return int(pid)
        return None

    state["nspawn"] = process(child.pid)
    writeState(place, state)
    state["leader"] = process(waitFor(leader, BOOT_SECONDS_MAX, "systemd starts in the host"))
    writeState(place, state)


def systemState(state):
    done = subprocess.run(inside(state, ["systemctl", "is-system-running"]), stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.strip()


def boot(place, state):
    launch(place, state)

    def settled():
        if not alive(state["leader"]):
            raise Failure(f"the host ended while it booted; see {place / 'console.log'}")
        return systemState(state) in ("running", "degraded")

    waitFor(settled, BOOT_SECONDS_MAX, "the host's boot", interval=0.1)
    if systemState(state) != "running":
        raise Failure("the host booted degraded:\n" + call(state, "systemctl", "--failed", "--no-pager", "--plain"))


def up(name, publish, packages):
    place = HOSTS / name
    with locked(HOSTS / f".{name}.lock"):
        state = find(name)
        if state and alive(state.get("leader")):
            say(f"{name} is running already at {state['guest']}")
        else:
            clean(name)
            state = start(name, place, publish)
    if packages:
        guest.install(caller(name), packages)
    return state


def start(name, place, publish):
    lower = tree.ensure()
    if publish:
        forward_control.refuseTaken(all())
    with locked(HOSTS / ".network.lock"):
        number = network.free({state["number"] for state in all()})
        place.mkdir(mode=0o700, parents=True)
        state = {"name": name, "number": number, **network.addresses(number), "tree": str(lower), "published": False}
        writeState(place, state)
    try:
        state["namespace"] = network.create(number)
        state["groups"] = cgroups.prepare(name)
        writeState(place, state)
        prepareRoot(place, lower)
        say(f"booting {name}")
        boot(place, state)
        if publish:
            state["forwarder"] = forward_control.start(state["guest"])
            state["published"] = True
            writeState(place, state)
    except BaseException:
        if os.environ.get("TEST_HOST_KEEP_FAILED") != "1":
            clean(name)
        raise
    say(f"{name} is running at {state['guest']}" + (", " + forward_control.DESCRIPTION if publish else ""))
    return state


def caller(name):
    state = running(name)
    return lambda *argv, **options: call(state, *argv, **options)


def copy(name, source, target):
    guest.copy(caller(name), source, target)


def status(name, asJson):
    state = find(name)
    running = bool(state) and alive(state.get("leader"))
    answer = {"name": name, "state": systemState(state) if running else "stopped"}
    if running:
        answer.update(address=state["guest"], address6=state["guest6"], leader=state["leader"]["pid"],
                      published=state["published"] and alive(state.get("forwarder")), directory=str(HOSTS / name))
    if asJson:
        print(json.dumps(answer))
    else:
        print("\n".join(f"{key}: {value}" for key, value in answer.items()))
    return 0 if running else 3


def listAll():
    for state in all():
        word = "running" if alive(state.get("leader")) else "stopped"
        print(f"{state['name']}\t{word}\t{state['guest']}\t{'published' if state['published'] else '-'}")


def powerOff(state):
    if not alive(state.get("leader")):
        return
    with contextlib.suppress(Failure):
        call(state, "systemctl", "poweroff", "--no-block")
        waitFor(lambda: not alive(state["nspawn"]), POWEROFF_SECONDS_MAX, "power-off")


def clean(name):
    """Removes whatever is left of a host, whole or half made. Safe to repeat."""
    place = HOSTS / name
    state = find(name)
    if state:
        end(state.get("forwarder"))
        # Process 1 first: with it the kernel ends every process of the host.
        if alive(state.get("leader")):
            os.kill(state["leader"]["pid"], signal.SIGKILL)
        end(state.get("nspawn"))
    if mounted(place / "root"):
        # A process that is just ending may hold the overlay for a moment.
        waitFor(lambda: subprocess.run(["umount", str(place / "root")], stderr=subprocess.DEVNULL).returncode == 0,
                10, f"unmounting {place / 'root'}")
    if state:
        cgroups.remove(state.get("groups", []))
        network.remove(state["number"])
    if place.exists():
        shutil.rmtree(place)


def down(name):
    with locked(HOSTS / f".{name}.lock"):
        state = find(name)
        if not state:
            say(f"{name} is not there")
            return
        powerOff(state)
        clean(name)
    say(f"{name} is gone")
