"""What every comparison needs: processes that end with it, rounds that alternate between two subjects, and a ratio with its spread."""
import contextlib
import dataclasses
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOWN_ONLY = ("at most", float("inf"))  # the target of a line that is there to explain another one


@dataclasses.dataclass
class Figure:
    """One line of the table. `value` is what the target is about; a target is ("at least" | "at most", number)."""
    name: str
    value: float
    unit: str
    target: tuple
    low: float
    high: float
    rounds: int
    details: dict

    @property
    def met(self):
        kind, limit = self.target
        return self.value >= limit if kind == "at least" else self.value <= limit

    def as_json(self):
        return {"name": self.name, "value": round(self.value, 4), "unit": self.unit, "low": round(self.low, 4), "high": round(self.high, 4),
                "rounds": self.rounds, "target": "shown only" if self.target == SHOWN_ONLY else f"{self.target[0]} {self.target[1]}", "met": self.met, "details": self.details}


@contextlib.contextmanager
def serving(command, path, **options):
    """A server until the end of the block, from the moment at which its Unix socket takes connections."""
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, **options)
    try:
        deadline = time.monotonic() + 20
        while True:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(str(path))
                    break
                except OSError:
                    pass
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not serve (exit code {process.poll()})")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def output_to_stderr():
    """What the block and the programs that it starts print is no part of the result."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(command, server):
    """One round of one side: what the client prints, and the processor time that the server spent on each call."""
    before = cpu_seconds(server.pid)
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"{command[0]}: exit code {done.returncode}")
    result = json.loads(done.stdout)
    result["per_second"] = result["calls"] / result["seconds"]
    result["server_cpu_micros"] = (cpu_seconds(server.pid) - before) / max(result["calls"], 1) * 1e6
    return result


def alternate(baseline, subject, rounds, say):
    """Runs both in turn, after one round of each that does not count. The order changes from round to round, so that neither always comes
    first. Each is a function of no arguments that answers what measure() does."""
    baseline(), subject()
    pairs = []
    for number in range(rounds):
        if number % 2 == 0:
            first = baseline()
            second = subject()
        else:
            second = subject()
            first = baseline()
        pairs.append((first, second))
        say(f"round {number + 1} of {rounds}: baseline {first['per_second']:.0f}/s ({first['p50_micros']:.0f} us), "
            f"subject {second['per_second']:.0f}/s ({second['p50_micros']:.0f} us)")
    return pairs


def middle(results, key):
    return statistics.median(result[key] for result in results)


def summary(results):
    return {"per_second": round(middle(results, "per_second")), "p50_micros": round(middle(results, "p50_micros"), 1),
            "p99_micros": round(middle(results, "p99_micros"), 1), "server_cpu_micros": round(middle(results, "server_cpu_micros"), 1)}


def ratio_figure(name, pairs, ratio_of, target):
    """The median of the rounds' ratios; each round compares what ran next to each other."""
    ratios = [ratio_of(baseline, subject) for baseline, subject in pairs]
    return Figure(name, statistics.median(ratios), "ratio", target, min(ratios), max(ratios), len(ratios),
                  {"baseline": summary([pair[0] for pair in pairs]), "subject": summary([pair[1] for pair in pairs])})
