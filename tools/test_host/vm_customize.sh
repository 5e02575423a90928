#!/bin/sh
# Turns a test host's tree ($1) into the root of a virtual machine: mmdebstrap runs it after customize.sh. A change here builds a new image.
set -eu
root=$1
here=$(dirname "$0")

# Only what finds the root disk; the rest of the kernel's modules is loaded from there.
printf 'virtio_pci\nvirtio_blk\n' >>"$root"/etc/initramfs-tools/modules
printf 'MODULES=list\nCOMPRESS=lz4\n' >"$root"/etc/initramfs-tools/conf.d/test-host
chroot "$root" update-initramfs -u >&2

printf '/dev/vda / ext4 rw,noatime 0 0\nLABEL=home /home ext4 rw,noatime,prjquota 0 0\n' >"$root"/etc/fstab
tr -d - </proc/sys/kernel/random/uuid >"$root"/etc/machine-id
echo vm >"$root"/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 vm.test vm\n::1 localhost ip6-localhost\n' >"$root"/etc/hosts
# Loading AppArmor's profiles takes a quarter of the boot; the module itself is on. Start the unit where a test needs them.
systemctl --root="$root" --quiet disable apparmor.service
systemctl --root="$root" --quiet mask systemd-networkd-wait-online.service getty@tty1.service serial-getty@ttyS0.service

install -m 755 "$here"/vm_agent.py "$root"/usr/lib/test-host/agent
install -m 644 "$here"/vm_protocol.py "$root"/usr/lib/test-host/vm_protocol.py
cat >"$root"/etc/systemd/system/test-host-agent.service <<'UNIT'
[Unit]
Description=Runs what test-host asks for
[Service]
ExecStartPre=/sbin/ip address replace 10.0.2.15/24 dev eth0
ExecStartPre=/sbin/ip link set eth0 up
ExecStart=/usr/lib/test-host/agent
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
systemctl --root="$root" --quiet enable test-host-agent.service
