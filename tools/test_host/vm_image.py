# The cached disk, kernel and initial RAM disk of the virtual machines, built from the same package list as the host tree.
import hashlib
import os
import shutil

from test_host import tree
from test_host.common import CACHE, HERE, Failure, locked, run, say

RECIPE = ("vm_image.py", "vm_customize.sh", "vm_agent.py", "vm_protocol.py")
# Debian's kernel for virtual machines: the same source and options, without drivers of real hardware.
PACKAGES = ("linux-image-cloud-amd64", "initramfs-tools", "lz4", "apparmor")
ROOT_SIZE = "6G"


def key():
    digest = hashlib.sha256(tree.key().encode())
    for name in RECIPE:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()[:16]


def newest(directory, pattern):
    found = sorted(directory.glob(pattern))
    if not found:
        raise Failure(f"no {pattern} in {directory}")
    return found[-1]


def build(target):
    root = CACHE / "vmtree"
    shutil.rmtree(root, ignore_errors=True)
    tree.build(root, PACKAGES, HERE / "vm_customize.sh")
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    shutil.copy(newest(root / "boot", "vmlinuz-*"), partial / "kernel")
    shutil.copy(newest(root / "boot", "initrd.img-*"), partial / "initrd")
    # Without the quota feature: Debian's initial RAM disk has no quota_v2 and could not mount it.
    run("mke2fs", "-q", "-t", "ext4", "-d", str(root), str(partial / "root.img"), ROOT_SIZE)
    shutil.rmtree(root)
    partial.rename(target)


def ensure():
    target = CACHE / f"vm-{key()}"
    with locked(CACHE / "vm.lock"):
        if not target.is_dir():
            say("building the virtual machine's disk (once for each recipe; a minute or two)")
            build(target)
            tree.prune("vm", target.name)
            say(f"the disk is at {target}")
        os.utime(target)
    return target
