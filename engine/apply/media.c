#include "engine/apply/media.h"

#include <string.h>

/* As the kernel calls them; NULL: none of those. */
static const char *kernel_type(const char *fstype)
{
    static const char *const same[] = {"vfat", "exfat", "ext2",    "ext3", "ext4",
                                       "xfs",  "btrfs", "iso9660", "udf",  "ntfs3"};
    for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
        if (str_eq(fstype, same[i]))
            return same[i];
    }
    return str_eq(fstype, "ntfs") ? "ntfs3" : NULL;
}

char *media_mount(struct session *s, const char *device, const char *fstype, int ms)
{
    struct err e = {0};
    const char *type = kernel_type(fstype);
    if (!type || s->media >= MEDIA_MAX || media_stuck(s))
        return NULL;
    AUTOFREE char *point = xasprintf("%s/%u", MEDIA_DIR, s->media);
    if (host_mkdir_p(s->here, point, 0700, &e) < 0 ||
        media_try(s, device, type, point, ms, &e) < 0) {
        log_info("%s (%s) cannot be mounted: %s", device, type, e.raw);
        (void)!host_remove(s->here, point, &e);
        return NULL;
    }
    log_info("%s (%s) is mounted read-only at %s", device, type, point);
    s->media++;
    return TAKE(point);
}

void media_release(struct session *s)
{
    struct strv left = {0};
    struct err ignored = {0};
    if (host_list(s->here, MEDIA_DIR, &left, &ignored) < 0)
        return;
    for (size_t i = 0; i < left.n; i++) {
        AUTOFREE char *point = xasprintf("%s/%s", MEDIA_DIR, left.s[i]);
        /* Mounted twice by runs that were killed: as often as it takes. */
        for (int n = 0; n < 8 && host_umount(s->here, point, &ignored) == 0; n++)
            log_info("%s is unmounted", point);
        (void)!host_remove(s->here, point, &ignored);
    }
    if (left.n)
        (void)!host_remove(s->here, MEDIA_DIR, &ignored);
    strv_free(&left);
    s->media = 0;
}
