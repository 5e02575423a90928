#!/usr/bin/python3
# Runs inside the virtual machine: takes commands from the serial channels test-host.N, runs them as root, streams input and output.
import contextlib
import glob
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, "/usr/lib/test-host")
import vm_protocol as wire  # noqa: E402

# Reading a channel that nobody has opened returns at once; ask again this often, for an emulated processor is slow.
IDLE_SECONDS = 0.25
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}


class Command:
    """One command and the threads that carry its output."""

    def __init__(self, channel, argv):
        self.channel = channel
        self.lock = threading.Lock()
        self.silent = False
        self.input = queue.SimpleQueue()
        self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      env=ENVIRONMENT, cwd="/", start_new_session=True, bufsize=0)
        self.carriers = [threading.Thread(target=self.carry, args=pair, daemon=True)
                         for pair in ((self.child.stdout, wire.STDOUT), (self.child.stderr, wire.STDERR))]
        for carrier in self.carriers:
            carrier.start()
        for work in (self.finish, self.feed):
            threading.Thread(target=work, daemon=True).start()

    def send(self, kind, content):
        with self.lock:
            if self.silent:
                return
            data = memoryview(wire.frame(kind, content))
            while data:
                data = data[os.write(self.channel, data):]

    def carry(self, stream, kind):
        while data := stream.read(wire.FRAME_BYTES_MAX):
            self.send(kind, data)

    def finish(self):
        code = self.child.wait()
        # A daemon that the command left behind may hold its output open: what is there by now is all that counts.
        for carrier in self.carriers:
            carrier.join(timeout=1)
        self.send(wire.EXIT, bytes([code if code >= 0 else 128 - code]))

    def feed(self):
        """Carries the queued input; never in the thread that reads the channel, which a command that does not read would block."""
        with contextlib.suppress(OSError):
            while data := self.input.get():
                while data:
                    data = data[os.write(self.child.stdin.fileno(), data):]
            self.child.stdin.close()

    def kill(self):
        with self.lock:
            self.silent = True
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)


def refuse(channel, code, text):
    os.write(channel, wire.frame(wire.STDERR, text.encode()) + wire.frame(wire.EXIT, bytes([code])))


def serveOne(channel):
    """Serves one caller, from marker to disconnection; a new marker on the way means a new caller."""
    def read(count):
        return os.read(channel, count)

    command = None
    began = False
    try:
        while True:
            kind, content = wire.readFrame(read)
            if kind == wire.MARKER:
                if command:
                    command.kill()
                command, began = None, True
                os.write(channel, wire.frame(wire.MARKER, content))
            elif kind == wire.RUN and began and command is None:
                try:
                    command = Command(channel, json.loads(content))
                except OSError as problem:
                    refuse(channel, 127, f"{problem}\n")
            elif command and kind == wire.STDIN:
                command.input.put(content)
            elif command and kind == wire.STDIN_END:
                command.input.put(b"")
    except (EOFError, OSError):
        if command:
            command.kill()


def serve(path):
    channel = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    while True:
        serveOne(channel)
        time.sleep(IDLE_SECONDS)


def main():
    threads = [threading.Thread(target=serve, args=(path,)) for path in glob.glob("/dev/virtio-ports/test-host.*")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
