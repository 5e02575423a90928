# What every part of test-host shares: places, failures, progress lines, locks and processes known by pid and start time.
import contextlib
import fcntl
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

CACHE = pathlib.Path(os.environ.get("BULKHEAD_CACHE", "/var/cache/bulkhead"))
HOSTS = CACHE / "hosts"
VMS = CACHE / "vms"
HERE = pathlib.Path(__file__).resolve().parent
GUEST_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_started = time.monotonic()


class Failure(Exception):
    """An expected refusal: its text is for the person who ran the command."""


def say(text):
    print(f"[{time.monotonic() - _started:6.1f} s] {text}", file=sys.stderr, flush=True)


def checkName(name):
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", name):
        raise Failure(f"a host's name is a-z, 0-9 and '-', at most 32 characters: {name!r}")
    return name


def run(*argv, **options):
    """Runs a program and returns its output; a failure carries the program's own words."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", stdin=options.pop("stdin", subprocess.DEVNULL), **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, argv))}: exit code {done.returncode}\n{done.stdout.strip()[-4000:]}")
    return done.stdout


@contextlib.contextmanager
def locked(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def waitFor(condition, seconds, what, interval=0.05):
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(interval)


def startTime(pid):
    """The kernel's start time of a process: with the pid it names one process for ever."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2:].split()
    return None if fields[0] == "Z" else fields[19]


def process(pid):
    return {"pid": pid, "start": startTime(pid)}


def alive(known):
    return bool(known) and known["start"] is not None and startTime(known["pid"]) == known["start"]


def end(known, seconds=3):
    """Ends one process that test-host started, and no other that may have its pid today."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not alive(known):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(known["pid"], number)
        with contextlib.suppress(Failure):
            waitFor(lambda: not alive(known), seconds, "end")


def readState(directory):
    try:
        return json.loads((directory / "state.json").read_text())
    except (OSError, ValueError):
        return None


def writeState(directory, state):
    partial = directory / "state.json.new"
    partial.write_text(json.dumps(state, indent=1) + "\n")
    partial.rename(directory / "state.json")
