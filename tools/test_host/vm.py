# A disposable virtual machine with Debian's own kernel: cgroup v2, AppArmor, and /home with project quotas.
import contextlib
import json
import os
import shutil
import subprocess
import sys

from test_host import forward_control, guest, vm_client, vm_image
from test_host.common import VMS, Failure, alive, end, locked, process, readState, run, say, waitFor, writeState

BOOT_SECONDS_MAX = 240
POWEROFF_SECONDS_MAX = 60
MEMORY_MIB = 3072
HOME_SIZE = "8G"


def all():
    if not VMS.is_dir():
        return []
    states = (readState(place) for place in sorted(VMS.iterdir()))
    return [state for state in states if state]


def find(name):
    return readState(VMS / name)


def running(name):
    state = find(name)
    if not state or not alive(state["qemu"]):
        raise Failure(f"{name} is not running; start it with: tools/test-host vm up {name}")
    return state


def caller(name):
    return lambda *argv, **options: vm_client.call(VMS / name, *argv, **options)


def command(place, image, publish):
    forwards = "".join(f",hostfwd=tcp:127.0.0.1:{listen}-:{port}" for listen, port in forward_control.PORTS.items()) if publish else ""
    argv = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MIB),
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", f"file:{place / 'console.log'}",
            "-kernel", str(image / "kernel"), "-initrd", str(image / "initrd"),
            "-append", "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0",
            # Writes to the root disk go to a file that ends with the process: the cached image never changes.
            "-drive", f"file={image / 'root.img'},format=raw,if=virtio,snapshot=on",
            "-drive", f"file={place / 'home.img'},format=raw,if=virtio,cache=unsafe",
            "-netdev", f"user,id=net,restrict=on{forwards}", "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]
    for number in range(vm_client.CHANNELS):
        argv += ["-chardev", f"socket,id=agent{number},path={place}/agent.{number}.sock,server=on,wait=off",
                 "-device", f"virtserialport,chardev=agent{number},name=test-host.{number}"]
    return argv


def start(name, publish):
    place = VMS / name
    image = vm_image.ensure()
    place.mkdir(mode=0o700, parents=True)
    run("mke2fs", "-q", "-t", "ext4", "-O", "quota,project", "-E", "quotatype=prjquota", "-L", "home", str(place / "home.img"), HOME_SIZE)
    say(f"booting {name} (the processor is emulated: about half a minute)")
    with open(place / "qemu.log", "wb") as log:
        child = subprocess.Popen(command(place, image, publish), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                 start_new_session=True)
    writeState(place, {"name": name, "qemu": process(child.pid), "image": str(image), "published": publish})
    try:
        def listening():
            if child.poll() is not None:
                raise Failure("qemu ended: " + (place / "qemu.log").read_text(errors="replace")[-2000:])
            return (place / f"agent.{vm_client.CHANNELS - 1}.sock").exists()

        waitFor(listening, 10, "qemu's start")
        caller(name)("systemctl", "is-system-running", "--wait", seconds=BOOT_SECONDS_MAX)
    except BaseException:
        if os.environ.get("TEST_HOST_KEEP_FAILED") != "1":
            clean(name)
        raise
    say(f"{name} is running" + (", " + forward_control.DESCRIPTION if publish else ""))


def up(name, publish, packages):
    with locked(VMS / f".{name}.lock"):
        state = find(name)
        if state and alive(state["qemu"]):
            say(f"{name} is running already")
        else:
            clean(name)
            start(name, publish)
    if packages:
        guest.install(caller(name), packages)


def execute(name, argv):
    running(name)
    code = vm_client.execute(VMS / name, argv, sys.stdin.fileno(), vm_client.passThrough)
    # The thread that reads our input may be blocked in it for ever.
    os._exit(code)


def copy(name, source, target):
    running(name)
    guest.copy(caller(name), source, target)


def status(name, asJson):
    state = find(name)
    running = bool(state) and alive(state["qemu"])
    answer = {"name": name, "state": "running" if running else "stopped"}
    if running:
        answer.update(pid=state["qemu"]["pid"], published=state["published"], directory=str(VMS / name))
    if asJson:
        print(json.dumps(answer))
    else:
        print("\n".join(f"{key}: {value}" for key, value in answer.items()))
    return 0 if running else 3


def listAll():
    for state in all():
        word = "running" if alive(state["qemu"]) else "stopped"
        print(f"{state['name']}\t{word}\t{'published' if state['published'] else '-'}")


def clean(name):
    state = find(name)
    if state:
        end(state["qemu"])
    if (VMS / name).exists():
        shutil.rmtree(VMS / name)


def down(name):
    with locked(VMS / f".{name}.lock"):
        state = find(name)
        if not state:
            say(f"{name} is not there")
            return
        with contextlib.suppress(Failure):
            if alive(state["qemu"]):
                caller(name)("systemctl", "poweroff", "--no-block", seconds=POWEROFF_SECONDS_MAX)
                waitFor(lambda: not alive(state["qemu"]), POWEROFF_SECONDS_MAX, "power-off")
        clean(name)
    say(f"{name} is gone")
