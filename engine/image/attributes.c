/* Extended attributes: what NTFS drivers show as such is the file's security descriptor and its
 * attributes, which a file made under Linux would not have. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/image/change_int.h"

#define VALUE_MAX 65536

/* Not in the list that the drivers give (ntfs-3g, then ntfs3). */
static const char *const ntfs[] = {"system.ntfs_acl", "system.ntfs_security", "system.ntfs_attrib",
                                   "system.dos_attrib"};

/* Without these the new file would be open to others, or closed to Windows. */
static bool is_access(const char *name)
{
    return strcmp(name, "system.ntfs_acl") == 0 || strcmp(name, "system.ntfs_security") == 0 ||
           strcmp(name, "system.posix_acl_access") == 0;
}

/*
 * MS-DTYP 2.4.6, self-relative, in SDDL: O:BAG:SYD:P(A;;FA;;;SY)(A;;FA;;;BA). Not the list of the
 * SYSTEM hive: some releases of Windows 10 let every user read that. In a folder the entries are
 * passed on (the two bytes at INHERIT_1, INHERIT_2: OBJECT_INHERIT | CONTAINER_INHERIT).
 */
#define INHERIT_1 (56 + 1)
#define INHERIT_2 (76 + 1)
static const unsigned char private_list[100] = {
    1, 0, 0x04, 0x90, 20,   0, 0,    0, 36, 0, 0, 0, 0,    0, 0, 0, 48, 0, 0, 0, /* head */
    1, 2, 0,    0,    0,    0, 0,    5, 32, 0, 0, 0, 0x20, 2, 0, 0,              /* S-1-5-32-544 */
    1, 1, 0,    0,    0,    0, 0,    5, 18, 0, 0, 0,                             /* S-1-5-18 */
    2, 0, 52,   0,    2,    0, 0,    0,                                          /* two entries */
    0, 0, 20,   0,    0xff, 1, 0x1f, 0, 1,  1, 0, 0, 0,    0, 0, 5, 18, 0, 0, 0, /* all to the
                                                                                    system */
    0, 0, 24,   0,    0xff, 1, 0x1f, 0, 1,  2, 0, 0, 0,    0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
};

/* Belongs to one file and its contents; or to the layer that shows it. */
static bool is_own(const char *name)
{
    return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0 ||
           strcmp(name, "security.capability") == 0 || strncmp(name, "trusted.overlay.", 16) == 0;
}

static int failed(const char *name, const char *path, struct err *e)
{
    err_fact(e, FACT_DETAIL, "%s", name);
    return err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, path);
}

/* 1: set; 0: there is none, or it does not matter. */
static int copy_one(int from, int to, const char *name, char *value, const char *path,
                    struct err *e)
{
    ssize_t n = fgetxattr(from, name, value, VALUE_MAX);
    if (n < 0)
        return 0;
    if (fsetxattr(to, name, value, (size_t)n, 0) == 0)
        return 1;
    if (is_access(name))
        return failed(name, path, e);
    log_debug("image: attribute %s not copied: %s", name, strerror(errno));
    return 0;
}

/* How many; -1. */
static int copy_all(int from, int to, const char *path, struct err *e)
{
    AUTOFREE char *names = xcalloc(1, VALUE_MAX + 1);
    AUTOFREE char *value = xcalloc(1, VALUE_MAX);
    int n = 0;
    for (size_t i = 0; i < ARRAY_SIZE(ntfs); i++) {
        int rc = copy_one(from, to, ntfs[i], value, path, e);
        if (rc < 0)
            return -1;
        n += rc;
    }
    ssize_t len = flistxattr(from, names, VALUE_MAX);
    for (const char *p = names; len > 0 && p < names + len; p += strlen(p) + 1) {
        bool done = strncmp(p, "system.ntfs_", 12) == 0 || is_own(p);
        int rc = done ? 0 : copy_one(from, to, p, value, path, e);
        if (rc < 0)
            return -1;
        n += rc;
    }
    return n;
}

/* Where there are access lists at all: where `from` has one. */
static int set_private(int from, int to, const char *path, struct err *e)
{
    unsigned char list[sizeof private_list];
    struct stat st;
    memcpy(list, private_list, sizeof list);
    if (fstat(to, &st) == 0 && S_ISDIR(st.st_mode))
        list[INHERIT_1] = list[INHERIT_2] = 3;
    int n = 0;
    for (size_t i = 0; i < ARRAY_SIZE(ntfs); i++) {
        if (!is_access(ntfs[i]) || fgetxattr(from, ntfs[i], NULL, 0) < 0)
            continue;
        if (fsetxattr(to, ntfs[i], list, sizeof list, 0) != 0)
            return failed(ntfs[i], path, e);
        n++;
    }
    return n;
}

int change_attributes(struct host *h, const char *from, const char *to, bool ours, struct err *e)
{
    int a, b;
    if (host_open_read(h, from, &a, e) != 0)
        return -1;
    int rc = host_open_read(h, to, &b, e);
    if (rc == 0) {
        rc = ours ? set_private(a, b, to, e) : copy_all(a, b, to, e);
        if (rc > 0 && fsync(b) != 0)
            rc = err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, to);
        close(b);
    }
    close(a);
    return rc < 0 ? -1 : 0;
}
