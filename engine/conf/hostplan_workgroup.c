/* The plan for a workgroup: the name for us, and for Samba where it is set up. */
#include <string.h>

#include "engine/conf/hostplan_int.h"

static void plan_name(struct planner *pl, const char *path, const char *name)
{
    struct err e = {0};
    AUTOFREE char *now = NULL;
    AUTOFREE char *text = xasprintf("%s\n", name);
    if (plan_read(pl, path, &now, &e) != 0) {
        plan_problem(pl, &e);
        return;
    }
    if (str_eq(now, text))
        return;
    struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, HOST_WHAT_WORKGROUP, path);
    c->before = TAKE(now);
    c->after = TAKE(text);
    c->mode = 0644;
}

/* True when the file changes. */
static bool plan_samba(struct planner *pl, const char *name)
{
    struct err e = {0};
    struct buf after = BUF_INIT(HOST_FILE_MAX);
    AUTOFREE char *now = NULL;
    bool more = false, changes = false;
    int rc = plan_read(pl, CONF_SMB, &now, &e);
    if (rc == 0 && now)
        rc = conf_smb_workgroup(now, name, &after, &more, &e);
    if (rc != 0)
        plan_problem(pl, &e);
    else if (now && !str_eq(now, buf_text(&after))) {
        struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, HOST_WHAT_SAMBA, CONF_SMB);
        c->before = TAKE(now);
        c->after = xstrdup(buf_text(&after));
        changes = true;
    }
    if (more)
        plan_add(pl, HOST_CHANGE_OWNER, HOST_WHAT_SAMBA, CONF_SMB)->note =
            N_("Samba reads further files or its registry, which this program leaves alone. See "
               "with 'testparm -s' that they name no other workgroup.");
    buf_free(&after);
    return changes;
}

void hostplan_samba_restart(struct host *h, struct hostplan *p)
{
    static const char *const units[] = {"nmbd.service", "smbd.service"};
    struct planner pl = {.h = h, .p = p};
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        /* Only where it runs. */
        const char *const argv[] = {"systemctl", "try-restart", units[i], NULL};
        plan_command(&pl, HOST_WHAT_RESTART, argv);
    }
}

int hostplan_workgroup(struct host *h, const char *path, const char *name, bool restart,
                       struct hostplan *ret, struct err *e)
{
    struct planner pl = {.h = h, .p = ret, .live = host_is_live(h), .restart = restart};
    *ret = (struct hostplan){0};
    plan_name(&pl, path, name);
    if (plan_samba(&pl, name) && pl.live && restart)
        hostplan_samba_restart(h, ret);
    if (ret->n_problems == 0)
        return 0;
    if (e && !e->code)
        *e = ret->problems[0];
    return -1;
}
