#include "engine/flow/membership.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/macro.h"
#include "engine/base/strv.h"

#define SAM_DATABASE "/var/lib/samba/private/sam.ldb" /* only a Samba AD DC has it */

static char *read_workgroup(struct host *h)
{
    struct buf b = BUF_INIT(256);
    struct err ignored = {0};
    bool present;
    char *name = NULL;
    if (host_read_opt(h, WORKGROUP_FILE, &b, &present, &ignored) == 0 && b.len) {
        const char *text = buf_text(&b);
        name = xstrndup(text, strcspn(text, "\n"));
        err_clean_text(name);
    }
    buf_free(&b);
    return name;
}

int membership_load(struct host *h, struct membership *ret, struct err *e)
{
    bool present;
    *ret = (struct membership){0};
    if (enroll_record_load(h, &ret->rec, &present, e) < 0)
        return -1;
    ret->workgroup = present ? NULL : read_workgroup(h);
    ret->state = present ? MEMBER_DOMAIN : ret->workgroup ? MEMBER_WORKGROUP : MEMBER_NONE;
    return 0;
}

void membership_free(struct membership *m)
{
    enroll_record_free(&m->rec);
    free(m->workgroup);
    *m = (struct membership){0};
}

bool membership_is_controller(struct host *h)
{
    return host_exists(h, SAM_DATABASE);
}
