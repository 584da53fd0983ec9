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
    AUTOFREE char *text = xasprintf("%s\n%s %s %lld %lld %lld\n", FIRST_LINE, m->account, m->domain,
                                    (long long)m->since, (long long)m->reset, (long long)m->known);
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
    long long since = 0, reset = 0, known = 0;
    *ret = (struct provision_part){0};
    int fd = open_own(path);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    if (sscanf(text, FIRST_LINE "\n%23s %255s %lld %lld %lld", ret->account, ret->domain, &since,
               &reset, &known) < 3)
        return false;
    ret->since = since;
    ret->reset = reset;
    ret->known = known;
    return true;
}

void provision_part_remove(const char *output)
{
    AUTOFREE char *path = part_path(output);
    struct provision_part ours;
    if (provision_part_read(output, &ours))
        (void)!unlink(path);
}

static bool is_then(int64_t when, int64_t asked)
{
    return when - asked >= -BEFORE_S && when - asked <= AFTER_S;
}

/* The first one, or one that was set when it was gone on with. */
static bool is_our_password(const struct provision_part *m, const struct account_object *o)
{
    int64_t first = o->pwd_last_set - o->when_created;
    if (first >= -1 && first <= SAME_TIME_S)
        return true;
    return m->reset && (o->pwd_last_set == m->known || is_then(o->pwd_last_set, m->reset));
}

bool provision_part_proves(const struct provision_part *m, const char *account, const char *domain,
                           const struct account_facts *f)
{
    const struct account_object *o = f->existing;
    if (!o || !o->is_computer || !str_ieq(m->account, account) || !str_ieq(m->domain, domain))
        return false;
    bool mine = sid_is_set(&f->user) &&
                (sid_equal(&o->creator, &f->user) || sid_equal(&o->owner, &f->user) ||
                 (!sid_is_set(&o->creator) && f->owner_is_admin == ACCOUNT_YES));
    return is_then(o->when_created, m->since) && is_our_password(m, o) && mine;
}
