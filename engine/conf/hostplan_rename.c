/* Building the plan of a rename. */
#include <string.h>

#include "engine/conf/hostplan_int.h"

/* The identity service's file keeps the join's lines and the owner's: only names change in it. */
static void rename_sssd(struct planner *pl)
{
    struct err e = {0};
    struct buf after = BUF_INIT(HOST_FILE_MAX);
    AUTOFREE char *now = NULL;
    int rc = plan_read(pl, CONF_SSSD, &now, &e);
    if (rc == 0 && now)
        rc = conf_sssd_names(now, pl->s, &after, &e);
    if (rc != 0) {
        plan_problem(pl, &e);
    } else if (now) {
        struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, HOST_WHAT_SSSD, CONF_SSSD);
        c->before = TAKE(now);
        c->after = xstrdup(buf_text(&after));
        c->mode = 0600;
    }
    buf_free(&after);
}

static void plan_all(struct planner *pl, bool identity, bool keytab)
{
    if (keytab)
        plan_keytab(pl);
    if (identity && pl->s->identity == HOST_IDENTITY_SSSD)
        rename_sssd(pl);
    plan_file(pl, HOST_WHAT_HOSTNAME, CONF_HOSTNAME, 0, conf_hostname);
    plan_file(pl, HOST_WHAT_HOSTS, CONF_HOSTS, 0, conf_hosts);
    plan_drop_idle(pl->p);
    plan_services(pl);
}

int hostplan_rename(struct host *h, const struct host_settings *s, bool identity, bool keytab,
                    struct hostplan *ret, struct err *e)
{
    struct planner pl = {.h = h, .s = s, .p = ret, .live = host_is_live(h)};
    struct err mine = {0};
    bool present;
    *ret = (struct hostplan){0};
    if (conf_check_settings(s, &mine) != 0 || enroll_record_load(h, &pl.rec, &present, &mine) != 0)
        plan_problem(&pl, &mine);
    else
        plan_all(&pl, identity, keytab);
    enroll_record_free(&pl.rec);
    if (ret->n_problems == 0)
        return 0;
    if (e && !e->code)
        *e = ret->problems[0];
    return -1;
}
