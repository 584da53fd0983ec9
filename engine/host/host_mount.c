/* Mounting what somebody plugged in, to be read. */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "engine/host/host_linux.h"

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256 /* Linux 5.10; <linux/mount.h> */
#endif

/* Nothing is written, not even a journal brought up to date (ext4(5), xfs(5), btrfs(5)). */
static const char *options_of(const char *fstype)
{
    if (strncmp(fstype, "ext", 3) == 0 && !str_eq(fstype, "ext2"))
        return "noload";
    if (str_eq(fstype, "btrfs"))
        return "rescue=nologreplay";
    return str_eq(fstype, "xfs") ? "norecovery" : NULL;
}

int host_linux_mount(struct host *h, const char *device, const char *fstype, const char *point,
                     struct err *e)
{
    static const unsigned long flags =
        MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW;
    if (!h->live)
        return err_errno(e, CAUSE_FILE_READ_FAILED, ENOTSUP, device);
    return mount(device, point, fstype, flags, options_of(fstype)) < 0
               ? err_errno(e, CAUSE_FILE_READ_FAILED, errno, device)
               : 0;
}

int host_linux_umount(struct host *h, const char *point, struct err *e)
{
    if (!h->live)
        return err_errno(e, CAUSE_FILE_READ_FAILED, ENOTSUP, point);
    return umount2(point, MNT_DETACH | UMOUNT_NOFOLLOW) < 0
               ? err_errno(e, CAUSE_FILE_READ_FAILED, errno, point)
               : 0;
}
