# Starts the forwarder of a published host, and says clearly who holds the ports when they are taken.
import socket
import subprocess
import sys

from test_host.common import HERE, Failure, alive, process

# Listening port on 127.0.0.1 -> port of the host: the panel for administrators, for users, and the accounts' sites.
PORTS = {2087: 2087, 2083: 2083, 8080: 80}
DESCRIPTION = "panel at https://127.0.0.1:2087 and :2083, sites at http://127.0.0.1:8080"


def refuseTaken(states):
    for state in states:
        if state["published"] and alive(state.get("forwarder")):
            raise Failure(f"the host {state['name']} is published already; take it down or use --no-publish")
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as problem:
                raise Failure(f"127.0.0.1:{port} is taken by another program ({problem.strerror}); use --no-publish") from None


def start(guest):
    pairs = [f"{listen}:{port}" for listen, port in PORTS.items()]
    child = subprocess.Popen([sys.executable, "-B", str(HERE / "forward.py"), guest, *pairs], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True, cwd="/")
    word = child.stdout.readline().strip()
    if word != "ready":
        child.wait()
        raise Failure(f"publishing the ports failed: {word}")
    return process(child.pid)
