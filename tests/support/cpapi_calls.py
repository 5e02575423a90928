"""Runs inside a test host: starts a list of calls, each as its own caller, and prints what came of them. Argument: a JSON file.

A call: {"argv", "user" (name or uid), "environment", "cage", "as_root", "cwd", "stdout"}. An answer: {"out", "err", "code", "signal", "ms"}, texts in
base64. The cage is a mount namespace of the call's own: only /opt, the own home, the own snapshot directory, the system's programs, a trimmed
passwd; every mount nosuid."""
import base64
import ctypes
import json
import os
import pwd
import resource
import subprocess
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_RDONLY, MS_NOSUID, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 0x20000, 1, 2, 32, 4096, 16384, 1 << 18, 2
SNAPSHOTS = "/var/lib/bulkhead/cpapi/uid"


def mount(source, target, kind, flags, data=None):
    if LIBC.mount(source and source.encode(), target.encode(), kind and kind.encode(), flags, data and data.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {source} {target}")


def enter_cage(person):
    root = "/mnt"
    if LIBC.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", MS_NOSUID, "mode=0755")
    for path in ("/usr", "/opt", "/proc", "/dev", person.pw_dir, f"{SNAPSHOTS}/{person.pw_uid}"):
        if not os.path.isdir(path):
            continue
        os.makedirs(root + path, exist_ok=True)
        mount(path, root + path, None, MS_BIND | MS_REC)
        mount(None, root + path, None, MS_REMOUNT | MS_BIND | MS_NOSUID | (MS_RDONLY if path == "/usr" else 0))
    for link in ("bin", "sbin", "lib", "lib64"):
        os.symlink("usr/" + link, f"{root}/{link}")
    os.makedirs(root + "/etc")
    with open(root + "/etc/passwd", "w", encoding="utf-8") as file:
        file.write("root:x:0:0::/:/bin/sh\n" + f"{person.pw_name}:x:{person.pw_uid}:{person.pw_gid}::{person.pw_dir}:/bin/sh\n")
    os.makedirs(root + "/old")
    os.chdir(root)
    if LIBC.syscall(155, b".", b"old") != 0:  # pivot_root; the tests run on amd64
        raise OSError(ctypes.get_errno(), "pivot_root")
    os.chdir("/")
    if LIBC.umount2(b"/old", MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), "umount")


def person_of(user):
    if isinstance(user, int):
        return pwd.struct_passwd(("", "x", user, user, "", "/", "/bin/sh"))
    return pwd.getpwnam(user)


def prepare(call, person):
    def child():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if call.get("stack"):  # what execve() takes as arguments depends on it
            resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if call.get("cage"):
            enter_cage(person)
        if not call.get("as_root"):
            os.setgroups([])
            os.setresgid(person.pw_gid, person.pw_gid, person.pw_gid)
            os.setresuid(person.pw_uid, person.pw_uid, person.pw_uid)
        os.chdir(call.get("cwd", "/"))
        for number in call.get("close", []):
            os.close(number)
    return child


def run(call):
    person = person_of(call.get("user", "root"))
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": person.pw_dir, **call.get("environment", {})}
    environment = {os.fsencode(key): os.fsencode(value) for key, value in environment.items()}
    read_end = write_end = None
    stdout = subprocess.PIPE
    if call.get("stdout") == "broken":
        read_end, write_end = os.pipe()
        os.close(read_end)
        stdout = write_end
    started = time.monotonic()
    argv = [word if not isinstance(word, list) else word[0] * word[1] for word in call["argv"]]  # ["x", 1000]: a long one
    try:
        done = subprocess.run([argv[0], *argv[1:]], executable=call.get("program", argv[0]), env=environment, stdin=subprocess.DEVNULL, stdout=stdout,
                              stderr=subprocess.PIPE, preexec_fn=prepare(call, person), timeout=60, check=False)
        code, out, err = done.returncode, done.stdout or b"", done.stderr
    except OSError as problem:
        code, out, err = 126, b"", f"not started: {problem}".encode()
    finally:
        if write_end is not None:
            os.close(write_end)
    return {"out": base64.b64encode(out).decode(), "err": base64.b64encode(err).decode(), "code": code if code >= 0 else None,
            "signal": -code if code < 0 else 0, "ms": (time.monotonic() - started) * 1000}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as listed:
        print(json.dumps([run(call) for call in json.load(listed)]))
