#!/bin/bash
# boot.sh FOLDER TTY CGROUP : starts the service manager of this machine in namespaces of its own, on a copy of this
# machine's files in memory, with TTY for its tty1. Run inside a client host, in mount and cgroup namespaces that are
# thrown away. FOLDER/add is copied over the files before.
set -e
folder=$1 tty=$2 group=$3
mount -t tmpfs tmpfs /mnt
mkdir /mnt/cgroup
if [ "$group" ]; then # everything in a control group that can be removed afterwards
    mount -t cgroup2 cgroup2 /mnt/cgroup
    mkdir "/mnt/cgroup/$group"
    echo $$ >"/mnt/cgroup/$group/cgroup.procs"
    umount /mnt/cgroup
    exec unshare --cgroup --pid --fork --mount "$0" "$folder" "$tty" ''
fi
mkdir /mnt/{up,work,root}
root=/mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work $root
cp -a /etc/. $root/etc/
rm -rf $root/etc/systemd/system/*.wants $root/var/lib/joinery $root/etc/krb5.keytab $root/etc/sssd/sssd.conf
# Devices, kernel settings and the network belong to somebody else here.
for unit in systemd-{udevd,udev-trigger,networkd,resolved,timesyncd,logind,sysctl,random-seed,remount-fs,modules-load}.service \
    systemd-journald-audit.socket dbus.service dbus.socket dev-{hugepages,mqueue}.mount sys-kernel-{debug,tracing}.mount; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
cp -a "$folder"/add/. $root/
systemctl --root=$root --quiet enable joinery-firstboot.service getty@tty1.service
mount -t proc proc $root/proc
mount --rbind /sys $root/sys
umount -l $root/sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
mount -t tmpfs tmpfs $root/run
mount --make-shared $root/run # credentials are mounted there for each service
mount -t tmpfs tmpfs $root/dev
mkdir $root/dev/{pts,shm}
mount -t tmpfs tmpfs $root/dev/shm
# Nodes of its own: the manager changes owner and mode of what it takes for its console.
while read -r d major minor; do mknod -m 666 $root/dev/$d c $major $minor; done <<END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
touch $root/dev/{console,tty0,tty1}
mount --bind "$tty" $root/dev/tty1
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot $root /lib/systemd/systemd --system --log-target=null \
    --show-status=0
