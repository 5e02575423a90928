"""account.get through the agent's gate (peer check, limits, policy, registry), against a bare question and answer of the same sizes over a Unix
socket: one call after the other, so that the ratio is one of waiting times."""
import ctypes
import json
import os
import pathlib
import shutil

from rig import SHOWN_ONLY, alternate, ratio_figure, serving

ACCOUNT = "benchmark"
CALL_BYTES, ANSWER_BYTES = 272, 248  # what strace shows of one account.get on the wire
CLONE_NEWNS, MS_REC, MS_PRIVATE, MS_NOSUID = 0x20000, 0x4000, 1 << 18, 2


def private_machine():
    """Runs in the agent's process before the program: a view of the file system in which /etc and /var/lib are its own, so that the agent that
    is measured neither finds nor touches the state of this machine."""
    libc = ctypes.CDLL(None, use_errno=True)

    def checked(result):
        if result != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    checked(libc.unshare(CLONE_NEWNS))
    checked(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
    for place in (b"/etc", b"/var/lib"):
        checked(libc.mount(b"tmpfs", place, b"tmpfs", MS_NOSUID, b"mode=0755,size=16m"))
    os.umask(0o077)
    pathlib.Path("/etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    state = pathlib.Path("/var/lib/bulkhead/agent")
    os.makedirs("/var/lib/bulkhead", 0o755)
    (state / "accounts").mkdir(parents=True)
    for number in range(200):
        name = ACCOUNT if number == 100 else f"other{number}"
        record = {"username": name, "uid": 20000 + number, "state": "active", "limits": {"cpu_percent": 50, "memory_bytes": 1 << 29, "tasks": 300}}
        (state / "accounts" / name).write_text(json.dumps(record) + "\n")


def run(programs, work, rounds, seconds, say):
    audit, policy = work / "audit", work / "policy.d"
    audit.mkdir(mode=0o700)
    policy.mkdir(mode=0o755)
    shutil.copyfile(programs.policy / "operations.json", work / "operations.json")
    agent, ping, floor = work / "agent.sock", work / "ping.sock", work / "floor.sock"
    options = ["--agent-socket", agent, "--admin-socket", work / "admin.sock", "--policy", work / "operations.json", "--policy-overrides", policy,
               "--audit", audit, "--api-user", "root"]
    with serving([programs.agent, *options], agent, preexec_fn=private_machine) as subject, \
            serving([programs.bench("ping"), "serve", ping, ANSWER_BYTES], ping) as bare, \
            serving([programs.bench("rpc_floor"), floor], floor) as library:
        ping_pong = lambda: programs.measure([programs.bench("ping"), "call", ping, seconds, CALL_BYTES, ANSWER_BYTES], bare)  # noqa: E731
        by_library = lambda: programs.measure([programs.bench("agent_call"), floor, seconds, ACCOUNT], library)  # noqa: E731
        by_agent = lambda: programs.measure([programs.bench("agent_call"), agent, seconds, ACCOUNT], subject)  # noqa: E731
        pairs = alternate(ping_pong, by_agent, rounds, say)
        floor_pairs = alternate(ping_pong, by_library, rounds, say)

    def times(first, second):
        return second["p50_micros"] / first["p50_micros"]

    return [ratio_figure("RPC: account.get through the agent's gate / bare Unix-socket ping-pong, median time of a call", pairs, times, ("at most", 4)),
            ratio_figure("RPC FLOOR: the same answer by the RPC library alone / the same ping-pong", floor_pairs, times, SHOWN_ONLY)]
