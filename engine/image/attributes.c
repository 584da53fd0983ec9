/* Extended attributes: what NTFS drivers show as such is the file's security descriptor and its
 * attributes, which a file made under Linux would not have. */
#include <errno.h>
#include <string.h>
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

/* Belongs to one file and its contents; or to the layer that shows it. */
static bool is_own(const char *name)
{
    return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0 ||
           strcmp(name, "security.capability") == 0 || strncmp(name, "trusted.overlay.", 16) == 0;
}

static int one(int from, int to, const char *name, char *value, bool *any)
{
    ssize_t n = fgetxattr(from, name, value, VALUE_MAX);
    if (n < 0)
        return 0;
    if (fsetxattr(to, name, value, (size_t)n, 0) == 0) {
        *any = true;
        return 0;
    }
    log_debug("image: attribute %s not copied: %s", name, strerror(errno));
    return is_access(name) ? -1 : 0;
}

static int copy(int from, int to, bool secret, struct err *e, const char *path)
{
    AUTOFREE char *names = xcalloc(1, VALUE_MAX + 1);
    AUTOFREE char *value = xcalloc(1, VALUE_MAX);
    bool any = false;
    int rc = 0;
    for (size_t i = 0; i < ARRAY_SIZE(ntfs) && rc == 0; i++)
        rc = one(from, to, ntfs[i], value, &any);
    ssize_t len = flistxattr(from, names, VALUE_MAX);
    for (const char *p = names; len > 0 && p < names + len && rc == 0; p += strlen(p) + 1) {
        if (!is_own(p) && strncmp(p, "system.ntfs_", 12) != 0 &&
            !(secret && strncmp(p, "system.posix_acl", 16) == 0))
            rc = one(from, to, p, value, &any);
    }
    if (rc == 0 && any)
        rc = fsync(to);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, path);
}

int change_attributes(struct host *h, const char *from, const char *to, bool secret, struct err *e)
{
    int a, b;
    if (host_open_read(h, from, &a, e) != 0)
        return -1;
    int rc = host_open_read(h, to, &b, e);
    if (rc == 0) {
        rc = copy(a, b, secret, e, to);
        close(b);
    }
    close(a);
    return rc;
}
