#!/bin/sh
# Turns a fresh Debian tree ($1) into a test host: mmdebstrap runs it as its customize hook. A change here builds a new tree.
set -eu
root=$1

# Each account has an engine of its own; the machine-wide one must never run.
systemctl --root="$root" --quiet mask docker.service docker.socket containerd.service
# Installed and ready to start, but not worth boot time; timers would load the machine while a test measures.
systemctl --root="$root" --quiet disable mariadb.service named.service e2scrub_reap.service apt-daily.timer \
  apt-daily-upgrade.timer man-db.timer e2scrub_all.timer fstrim.timer dpkg-db-backup.timer

# Installing a package would rebuild the index of manual pages, which takes minutes in a virtual machine.
rm -f "$root"/var/lib/man-db/auto-update

# A host has no network beyond the machine: no source to ask, no name server to wait for.
rm -f "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/apt/auth.conf.d/*
: >"$root"/etc/apt/sources.list
rm -f "$root"/etc/resolv.conf
: >"$root"/etc/resolv.conf
# An empty machine id would count as a first boot, and presets would enable again what is disabled above.
: >"$root"/etc/machine-id
rm -f "$root"/var/lib/dbus/machine-id
rm -rf "$root"/var/log/journal

mkdir -p "$root"/usr/lib/test-host
cat >"$root"/usr/lib/test-host/init <<'INIT'
#!/bin/sh
# Process 1 of a container host: makes writable what systemd and the accounts' engines need, then becomes systemd.
# Slices get limits only when their cgroup v1 controllers are writable before systemd starts.
for controller in /sys/fs/cgroup/*; do
  case ${controller##*/} in cpuset | systemd | unified) continue ;; esac
  grep -q " $controller cgroup " /proc/self/mounts && mount -o remount,rw,bind "$controller"
done
# A rootless engine switches on forwarding in its own network namespace; the rest of /proc/sys stays read-only.
mount --bind /proc/sys/net /proc/sys/net && mount -o remount,rw,bind /proc/sys/net
# The kernel lets a user namespace mount /proc only where one that nothing covers is visible.
mkdir -p -m 0700 /usr/lib/test-host/proc && mount -t proc proc /usr/lib/test-host/proc
exec /lib/systemd/systemd "$@"
INIT
chmod 755 "$root"/usr/lib/test-host/init
