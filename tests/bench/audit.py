"""The audit log: a durable, chained and sealed record against the same bytes written and synced by themselves, and the verifier against the
digests alone. It is a library of the agent, so it is measured as the clients are built, not as the package ships it."""
import os
import types

from rig import SHOWN_ONLY, alternate, ratio_figure


def run(programs, work, rounds, seconds, say):
    program, itself = programs.bench("audit_log"), types.SimpleNamespace(pid=os.getpid())

    def side(what):
        return lambda: programs.measure([program, what, work / f"audit-{what}", seconds], itself)

    def times(first, second):
        return second["p50_micros"] / first["p50_micros"]

    written = alternate(side("plain"), side("append"), rounds, say)
    verified = alternate(side("digest"), side("verify"), rounds, say)
    return [ratio_figure("AUDIT: a record, chained and sealed / write and fdatasync of the same bytes, median time", written, times, ("at most", 2)),
            ratio_figure("AUDIT VERIFY: chain, seals and anchors / SHA-256 of the same lines, time of a record", verified, times, SHOWN_ONLY)]
