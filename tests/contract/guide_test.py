#!/usr/bin/env python3
"""Follows docs/adding-an-operation.md in a copy of the tree, as a newcomer would, builds it and runs the new operation's test.

usage: guide_test.py SOURCE_DIRECTORY WORK_DIRECTORY"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

source, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
copy = work / "guide"
IGNORED = {"build", ".git", ".cache", "node_modules"}


def blocks(text):
    """Fenced blocks whose first line says what to do with them."""
    for head, body in re.findall(r"^```(\w+ [^\n]+)\n(.*?)^```", text, re.M | re.S):
        _, action = head.split(" ", 1)
        yield action, body


def next_ordinal(schema):
    interface = schema[schema.index("interface Agent"):]
    interface = interface[:interface.index("\n}")]
    return 1 + max(int(number) for number in re.findall(r"^  \w+ @(\d+)", interface, re.M))


def apply(action, body):
    words = dict(re.findall(r'([\w-]+)=("(?:[^"\\]|\\.)*"|\S+)', action))
    if "create" in words:
        path = copy / words["create"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
        return words["create"]
    if "append-to" in words:
        path = copy / words["append-to"]
        path.write_text(path.read_text().rstrip("\n") + "\n" + body)
        return words["append-to"]
    path = copy / words["insert-into"]
    text = path.read_text()
    body = body.replace("@@NEXT@", f"@{next_ordinal(text)}") if path.suffix == ".capnp" else body
    after = json.loads(words["after"])
    assert text.count(after) == 1, f"{path}: {after!r} must be there exactly once"
    at = text.index("\n", text.index(after)) + 1
    path.write_text(text[:at] + body + text[at:])
    return words["insert-into"]


def run(*command):
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout[-4000:], done.stderr[-4000:], sep="\n")
        sys.exit(f"{' '.join(map(str, command))} failed with {done.returncode}")
    return done.stdout


shutil.rmtree(copy, ignore_errors=True)
shutil.copytree(source, copy, ignore=lambda folder, names: IGNORED & set(names) if pathlib.Path(folder) == source else set())
guide = (copy / "docs" / "adding-an-operation.md").read_text()
changed = [apply(action, body) for action, body in blocks(guide)]
assert len(changed) == 6, changed
run("cmake", "--preset", "dev")
run("cmake", "--build", "--preset", "dev", "--target", "unit_agent", "bulkhead-agent")
listed = run("build/dev/tests/unit_agent", "--gtest_filter=HostUptime.*")
assert "[  PASSED  ] 1 test" in listed, listed
assert "host.uptime" in run("build/dev/bulkhead-agent", "--print-operations")
shutil.rmtree(copy)
print("the guide works: " + ", ".join(changed))
