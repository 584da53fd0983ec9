/*
 * winbind as the identity service. Samba keeps the machine's secret in a database of its own, which
 * only its own tools write: `net offlinejoin requestodj`, given provisioning data that says what
 * smb.conf says. It is told to leave the keytab alone (4.17 ends with a crash when it tries without
 * a controller) and needs no network.
 */
#define _GNU_SOURCE
#include <string.h>

#include "engine/conf/hostplan_int.h"

#define NET_MS    60000
#define DATA_FILE TXN_JOURNAL "/samba" /* whatever ends the journal wipes it */

static int edit_nss(const char *before, const struct host_settings *s UNUSED, struct buf *ret,
                    struct err *e)
{
    return conf_nsswitch_winbind(before, ret, e);
}

void plan_winbind(struct planner *pl)
{
    plan_file(pl, HOST_WHAT_SAMBA, CONF_SMB, 0, conf_smb_member);
    if (!host_exists(pl->h, "/etc/authselect/authselect.conf"))
        plan_file(pl, HOST_WHAT_NSS, CONF_NSSWITCH, 0, edit_nss);
    if (pl->s->login.n)
        plan_file(pl, HOST_WHAT_SAMBA, CONF_PAM_WINBIND, 0, conf_pam_winbind);
    if (pl->s->administrators.n)
        plan_file(pl, HOST_WHAT_SUDOERS, CONF_SUDOERS, 0440, plan_edit_sudoers);
}

/* Without the program there is nobody to store the secret, whatever is installed later. */
static void refuse_without_tool(struct planner *pl)
{
    struct package_needs needs = {.winbind = true};
    struct package_report report;
    struct err e = {0}, ignored = {0};
    AUTOFREE char *net = host_find_tool(pl->h, "net");
    if (net || pl->live)
        return; /* a running system is refused by its missing packages */
    err_cause(&e, CAUSE_WINBIND_TOOL_MISSING);
    if (packages_probe(pl->h, &needs, &report, &ignored) == 0 && report.missing.n) {
        AUTOFREE char *names = plan_command_text(&report.missing);
        err_fact(&e, FACT_PACKAGES, "%s", names);
        err_fact(&e, FACT_COMMAND, "%s", report.command);
    }
    package_report_free(&report);
    plan_problem(pl, &e);
}

void plan_winbind_secret(struct planner *pl)
{
    static const char *const argv[] = {"net",
                                       "--option=interfaces=127.0.0.1/8",
                                       "--option=kerberos method=secrets only",
                                       "offlinejoin",
                                       "requestodj",
                                       "loadfile=" DATA_FILE,
                                       NULL};
    refuse_without_tool(pl);
    struct host_change *c = plan_command(pl, HOST_WHAT_SAMBA_SECRET, argv);
    c->required = true;
    c->secret = true;
    c->protect_secret = true;
    strv_add(&c->protect, SAMBA_SECRETS);
}

void hostplan_samba_secret(struct host *h, struct hostplan *ret)
{
    struct planner pl = {.h = h, .p = ret, .live = host_is_live(h)};
    *ret = (struct hostplan){0};
    plan_winbind_secret(&pl);
}

static struct host_change *secret_change(const struct hostplan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->changes[i].what == HOST_WHAT_SAMBA_SECRET)
            return &p->changes[i];
    }
    return NULL;
}

bool hostplan_wants_samba(const struct hostplan *p)
{
    return secret_change(p) != NULL;
}

void hostplan_set_samba(struct hostplan *p, const void *data, size_t len)
{
    struct host_change *c = secret_change(p);
    if (!c)
        return;
    if (c->bytes)
        explicit_bzero(c->bytes, c->n_bytes);
    free(c->bytes);
    c->bytes = xcalloc(1, len + 1);
    memcpy(c->bytes, data, len);
    c->n_bytes = len;
}

static int not_taken(const char *said, int status, struct err *e)
{
    err_reset(e);
    err_cause(e, CAUSE_WINBIND_NOT_TAKEN);
    return err_foreign(e, ERR_SRC_NONE, status, "%s", said ? said : "");
}

static int run_net(const char *const *argv, struct host *h, const struct cancel *cancel,
                   struct host_result *r, struct err *e)
{
    struct host_cmd cmd = {.argv = argv, .timeout_ms = NET_MS, .chroot_ok = true, .cancel = cancel};
    if (host_exec(h, &cmd, r, e) < 0)
        return -1;
    if (r->ran != HOST_RAN)
        return err_cause(e, CAUSE_WINBIND_TOOL_MISSING);
    return r->status == 0 ? 0 : not_taken(buf_text(&r->out), r->status, e);
}

/* Some versions end well without having stored anything: a new database, or one that is as it was,
 * has no secret of today's. */
static int look_whether_stored(struct host *h, const struct buf *before, struct err *e)
{
    static const char key[] = "SECRETS/MACHINE_DOMAIN_INFO/";
    struct buf now = BUF_SECRET(HOST_FILE_MAX);
    bool present;
    int rc = host_read_opt(h, SAMBA_SECRETS, &now, &present, e);
    bool same =
        now.len == before->len && (!now.len || memcmp(now.data, before->data, now.len) == 0);
    if (rc == 0 && (same || !memmem(now.data, now.len, key, strlen(key))))
        rc = not_taken("nothing was stored", 0, e);
    buf_free(&now);
    return rc;
}

int plan_winbind_run(const struct host_change *c, struct host *h, const struct cancel *cancel,
                     struct err *e)
{
    struct buf before = BUF_SECRET(HOST_FILE_MAX);
    struct host_meta own = host_meta_own(0600);
    struct host_result r = {0};
    struct err f = {0};
    bool present;
    if (!c->bytes) /* a password that is kept: Samba has it */
        return host_exists(h, SAMBA_SECRETS) ? 0 : not_taken("its database is gone", 0, e);
    int rc = host_read_opt(h, SAMBA_SECRETS, &before, &present, e);
    if (rc == 0)
        rc = host_mkdir_p(h, "/var/lib/samba/private", 0700, e);
    if (rc == 0)
        rc = host_remove_wipe(h, DATA_FILE, e);
    if (rc == 0)
        rc = host_write_new(h, DATA_FILE, &own, NULL, c->bytes, c->n_bytes, e);
    if (rc == 0)
        rc = run_net((const char *const *)c->argv.s, h, cancel, &r, e);
    host_result_free(&r);
    if (host_remove_wipe(h, DATA_FILE, &f) < 0 && rc == 0) {
        *e = f;
        rc = -1;
    }
    if (rc == 0)
        rc = look_whether_stored(h, &before, e);
    buf_free(&before);
    return rc;
}
