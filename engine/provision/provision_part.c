#define _GNU_SOURCE
#include "engine/provision/provision_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/host/newfile.h"

#define FIRST_LINE  "joinery provisioning, interrupted"
#define TEXT_MAX    512
#define BEFORE_S    5  /* how well the controller's clock is known */
#define AFTER_S     60 /* the longest that an add is under way */
#define SAME_TIME_S 2  /* an account's making and its first password */

static char *part_path(const char *output)
{
    const char *slash = strrchr(output, '/');
    int dir = slash ? (int)(slash + 1 - output) : 0;
    return xasprintf("%.*s.%s.part", dir, output, output + dir);
}

int provision_part_write(const char *output, const struct provision_part *m, struct err *e)
{
    AUTOFREE char *path = part_path(output);
    AUTOFREE char *text =
        xasprintf("%s\n%s %s %lld\n", FIRST_LINE, m->account, m->domain, (long long)m->since);
    struct newfile f;
    int r = newfile_open(&f, path, true, 0);
    if (r == 0)
        r = newfile_keep(&f, text, strlen(text));
    int no = errno;
    newfile_drop(&f);
    return r == 0 ? 0 : err_errno(e, CAUSE_OFFLINE_OUTPUT_FAILED, no, path);
}

/* Others could put one there in a folder that is open to them. */
static int open_own(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid())) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool provision_part_read(const char *output, struct provision_part *ret)
{
    AUTOFREE char *path = part_path(output);
    char text[TEXT_MAX];
    long long since = 0;
    *ret = (struct provision_part){0};
    int fd = open_own(path);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    if (sscanf(text, FIRST_LINE "\n%23s %255s %lld", ret->account, ret->domain, &since) != 3)
        return false;
    ret->since = since;
    return true;
}

void provision_part_remove(const char *output)
{
    AUTOFREE char *path = part_path(output);
    struct provision_part ours;
    if (provision_part_read(output, &ours))
        (void)!unlink(path);
}

bool provision_part_proves(const struct provision_part *m, const char *account, const char *domain,
                           const struct account_facts *f)
{
    const struct account_object *o = f->existing;
    if (!o || !o->is_computer || !str_ieq(m->account, account) || !str_ieq(m->domain, domain))
        return false;
    int64_t age = o->when_created - m->since, first = o->pwd_last_set - o->when_created;
    bool then = age >= -BEFORE_S && age <= AFTER_S && first >= -1 && first <= SAME_TIME_S;
    bool mine = sid_is_set(&f->user) &&
                (sid_equal(&o->creator, &f->user) || sid_equal(&o->owner, &f->user) ||
                 (!sid_is_set(&o->creator) && f->owner_is_admin == ACCOUNT_YES));
    return then && mine;
}
