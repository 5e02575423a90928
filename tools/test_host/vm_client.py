# The machine's side of a virtual machine's serial channels: runs one command there, with streams and exit code passed through.
import contextlib
import fcntl
import json
import os
import socket
import sys
import threading
import time

from test_host import vm_protocol as wire
from test_host.common import Failure

CHANNELS = 4
WAIT_SECONDS_MAX = 600
# While the machine boots nobody reads the channel, and each marker waits in it: do not send many.
MARKER_SECONDS = 3


@contextlib.contextmanager
def channel(place):
    """A channel that no other command uses; waits for one when all are busy."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        for number in range(CHANNELS):
            with open(place / f"agent.{number}.lock", "a") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.connect(str(place / f"agent.{number}.sock"))
                    yield connection
                    return
        time.sleep(0.2)
    raise Failure("every channel of the virtual machine is busy")


def synchronise(connection, seconds):
    """Begins a conversation: drops what an earlier command left in the channel, up to the agent's echo of our marker."""
    marker = os.urandom(wire.MARKER_BYTES)
    deadline = time.monotonic() + (seconds or WAIT_SECONDS_MAX)
    seen = b""
    # The agent may have been in the middle of an earlier caller's frame and lose a marker: send it again.
    while time.monotonic() < deadline:
        connection.sendall(wire.frame(wire.MARKER, marker))
        again = time.monotonic() + MARKER_SECONDS
        while time.monotonic() < again:
            connection.settimeout(max(0.01, again - time.monotonic()))
            with contextlib.suppress(TimeoutError):
                byte = connection.recv(1)
                if not byte:
                    raise Failure("the virtual machine closed its channel")
                seen = (seen + byte)[-len(marker):]
                if seen == marker:
                    return
    raise Failure("the virtual machine's agent does not answer")


def pump(connection, source):
    with contextlib.suppress(OSError):
        while data := os.read(source, wire.FRAME_BYTES_MAX):
            connection.sendall(wire.frame(wire.STDIN, data))
        connection.sendall(wire.frame(wire.STDIN_END))


def execute(place, argv, source, onOutput, seconds=None):
    """Runs argv in the machine. source is a descriptor for its input; onOutput(kind, bytes) gets what it writes."""
    with channel(place) as connection:
        synchronise(connection, seconds)
        connection.settimeout(seconds)
        try:
            connection.sendall(wire.frame(wire.RUN, json.dumps(argv).encode()))
            threading.Thread(target=pump, args=(connection, source), daemon=True).start()
            while True:
                kind, content = wire.readFrame(connection.recv)
                if kind == wire.EXIT:
                    return content[0]
                if kind in (wire.STDOUT, wire.STDERR):
                    onOutput(kind, content)
        except TimeoutError:
            raise Failure(f"{argv[0]} in the virtual machine: not within {seconds} s") from None
        except (EOFError, ConnectionError):
            raise Failure("the virtual machine closed its channel; was it powered off?") from None


def passThrough(kind, content):
    stream = sys.stdout.buffer if kind == wire.STDOUT else sys.stderr.buffer
    stream.write(content)
    stream.flush()


def call(place, *argv, stdin=None, seconds=None):
    """Runs a command whose output is wanted; a failure carries it."""
    output = []
    source = stdin.fileno() if stdin else os.open(os.devnull, os.O_RDONLY)
    code = execute(place, list(argv), source, lambda kind, content: output.append(content), seconds)
    text = b"".join(output).decode(errors="replace")
    if code != 0:
        raise Failure(f"{' '.join(argv)}: exit code {code}\n{text.strip()[-4000:]}")
    return text
