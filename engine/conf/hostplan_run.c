/* Carrying the plan out: staging its files, running its commands. */
#include <string.h>

#include "engine/base/log.h"
#include "engine/conf/hostplan_int.h"

int hostplan_set_keytab(struct hostplan *p, const void *data, size_t len, struct err *e)
{
    for (size_t i = 0; i < p->n; i++) {
        struct host_change *c = &p->changes[i];
        if (c->what != HOST_WHAT_KEYTAB || c->staged)
            continue;
        if (c->bytes)
            explicit_bzero(c->bytes, c->n_bytes);
        free(c->bytes);
        c->bytes = xcalloc(1, len + 1);
        memcpy(c->bytes, data, len);
        c->n_bytes = len;
        return 0;
    }
    return err_cause(e, CAUSE_INTERNAL);
}

/* What a program printed, as one short line. */
static void add_output(struct host_result *r, struct err *e)
{
    const char *out = buf_text(&r->out);
    err_foreign(e, ERR_SRC_NONE, r->status, "%s", out ? out : "");
}

/* A sudoers file that sudo cannot read locks everybody out of it: its own checker has the last
 * word. */
static int check_sudoers(const struct host_change *c, struct host *h, struct err *e)
{
    static const char *const argv[] = {"visudo", "-c", "-f", "-", NULL};
    struct host_cmd cmd = {
        .argv = argv, .in = c->after, .in_len = strlen(c->after), .chroot_ok = true};
    struct host_result r;
    int rc = host_exec(h, &cmd, &r, e);
    if (rc == 0 && r.ran == HOST_RAN && r.status == 1) {
        rc = err_cause(e, CAUSE_FILE_UNPARSABLE);
        err_fact(e, FACT_FILE, "%s", c->path);
        add_output(&r, e);
    }
    host_result_free(&r);
    return rc;
}

static int stage_contents(const struct host_change *c, struct host *h, struct txn *t, struct err *e)
{
    struct host_meta m;
    const void *data = c->secret ? (const void *)c->bytes : c->after;
    size_t len = c->secret ? c->n_bytes : strlen(c->after);
    if (host_stat(h, c->path, &m, e) != 0 ||
        (c->what == HOST_WHAT_SUDOERS && check_sudoers(c, h, e) != 0))
        return -1;
    if (m.kind != HOST_FILE)
        m = host_meta_own(0644);
    if (c->mode)
        m.mode = c->mode;
    return txn_stage_file(t, c->path, &m, c->flags, data, len, e);
}

static int stage_one(struct host_change *c, struct host *h, struct txn *t, struct err *e)
{
    int rc = 0;
    switch (c->kind) {
    case HOST_CHANGE_FILE:
        if (c->secret ? c->bytes != NULL : c->after != NULL)
            rc = stage_contents(c, h, t, e);
        else if (c->secret && c->mode)
            return 0; /* the keytab of a join, not known yet */
        else
            rc = txn_stage_remove(t, c->path, c->flags, e);
        break;
    case HOST_CHANGE_LINK:
        rc = txn_stage_symlink(t, c->path, c->after, e);
        break;
    case HOST_CHANGE_COMMAND:
        for (size_t i = 0; i < c->protect.n && rc == 0; i++)
            rc = c->protect_secret ? txn_protect_secret(t, c->protect.s[i], e)
                                   : txn_protect(t, c->protect.s[i], e);
        break;
    default:
        break;
    }
    c->staged = rc == 0;
    return rc;
}

int hostplan_stage(struct hostplan *p, struct txn *t, struct err *e)
{
    for (size_t i = 0; i < p->n; i++) {
        if (!p->changes[i].staged && stage_one(&p->changes[i], txn_host(t), t, e) != 0)
            return -1;
    }
    return 0;
}

static int not_possible(const struct host_change *c, enum host_ran ran, struct err *e)
{
    err_cause(e, c->what == HOST_WHAT_PAM ? CAUSE_PAM_TOOL_MISSING : CAUSE_SERVICE_FAILED);
    err_fact(e, FACT_COMMAND, "%s", c->command);
    err_fact(e, FACT_DETAIL, "%s",
             ran == HOST_NO_TOOL ? "the program is not installed" : "it cannot be run from here");
    return -1;
}

static int run_command(const struct host_change *c, struct host *h, const struct cancel *cancel,
                       struct err *e)
{
    static const char *const env[] = {"DEBIAN_FRONTEND=noninteractive", NULL};
    struct host_cmd cmd = {
        .argv = (const char *const *)c->argv.s,
        .env = env,
        .timeout_ms = 120000,
        .chroot_ok = c->what == HOST_WHAT_PAM,
        .cancel = cancel,
    };
    struct host_result r;
    int rc = host_exec(h, &cmd, &r, e);
    if (rc == 0 && r.ran != HOST_RAN)
        rc = not_possible(c, r.ran, e);
    else if (rc == 0 && r.status != 0) {
        rc = err_cause(e, CAUSE_SERVICE_FAILED);
        err_fact(e, FACT_COMMAND, "%s", c->command);
        add_output(&r, e);
    } else if (rc == 0 && c->what == HOST_WHAT_PAM && !strv_has(&c->argv, "--remove") &&
               !plan_pam_ready(h, strv_has(&c->argv, "winbind") ? "winbind" : "sss",
                               strv_has(&c->argv, "mkhomedir"))) {
        /* pam-auth-update ends well although it leaves files alone that their owner has changed. */
        rc = err_cause(e, CAUSE_PAM_TOOL_MISSING);
        err_fact(e, FACT_COMMAND, "%s", c->command);
        err_fact(e, FACT_DETAIL, "the files were not changed");
        add_output(&r, e);
    }
    host_result_free(&r);
    return rc;
}

static int run_one(const struct host_change *c, struct host *h, const struct cancel *cancel,
                   struct err *e)
{
    switch (c->kind) {
    case HOST_CHANGE_COMMAND:
        return c->what == HOST_WHAT_SAMBA_SECRET ? plan_winbind_run(c, h, cancel, e)
                                                 : run_command(c, h, cancel, e);
    case HOST_CHANGE_NAME:
        return host_set_hostname(h, c->after, e);
    case HOST_CHANGE_DROP:
        return host_remove_wipe(h, c->path, e);
    default:
        return 0;
    }
}

int hostplan_run(const struct hostplan *p, struct host *h, const struct cancel *cancel,
                 hostplan_seen_fn *seen, void *arg, struct err *e)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct host_change *c = &p->changes[i];
        struct err mine = {0};
        if (c->kind != HOST_CHANGE_COMMAND && c->kind != HOST_CHANGE_NAME &&
            c->kind != HOST_CHANGE_DROP)
            continue;
        if (cancel_check(cancel, e) != 0)
            return -1;
        if (seen)
            seen(arg, c, 0, NULL);
        int rc = run_one(c, h, cancel, &mine);
        if (seen)
            seen(arg, c, rc == 0 ? 1 : -1, rc == 0 ? NULL : &mine);
        log_info("%s: %s",
                 c->command ? c->command
                 : c->path  ? c->path
                            : hostplan_what_text(c->what),
                 rc == 0 ? "done" : mine.raw);
        if (rc != 0 && (c->required || mine.cause == CAUSE_CANCELLED)) {
            if (e && !e->code)
                *e = mine;
            return -1;
        }
    }
    return 0;
}

void hostplan_unrun(struct host *h, const char *old_hostname)
{
    static const char *const argv[] = {"systemctl", "try-restart", "sssd.service",
                                       "winbind.service", NULL};
    struct host_cmd cmd = {.argv = argv};
    struct host_result r;
    struct err e = {0};
    if (!host_is_live(h))
        return;
    if (!str_empty(old_hostname) && host_set_hostname(h, old_hostname, &e) != 0)
        log_warning("the host name could not be set back to %s", old_hostname);
    if (host_exec(h, &cmd, &r, &e) != 0 || r.ran != HOST_RAN)
        log_notice("the identity service was not restarted");
    host_result_free(&r);
}
