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
    if (present)
        ret->state = MEMBER_DOMAIN;
    else if (!membership_other(h, ret) && (ret->workgroup = read_workgroup(h)))
        ret->state = MEMBER_WORKGROUP;
    return 0;
}

static void name_it(const struct membership *m, struct err *e)
{
    err_fact(e, FACT_DOMAIN, "%s", m->rec.domain);
    err_fact(e, FACT_NAME, "%s", m->rec.computer);
    if (m->other_leave)
        err_fact(e, FACT_COMMAND, "%s", m->other_leave);
}

int membership_refuse_join(const struct membership *m, struct err *e)
{
    err_cause(e, m->other_tool ? CAUSE_JOINED_BY_OTHER : CAUSE_ALREADY_JOINED);
    name_it(m, e);
    return -1;
}

int membership_need_ours(const struct membership *m, struct err *e)
{
    if (m->state != MEMBER_DOMAIN)
        return err_cause(e, CAUSE_NOT_JOINED);
    if (!m->other_tool)
        return 0;
    err_cause(e, CAUSE_JOINED_NOT_BY_US);
    name_it(m, e);
    return -1;
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
