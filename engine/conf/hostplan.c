/* Building the plan of a join. */
#include "engine/conf/hostplan.h"

#include <string.h>

#include "engine/conf/hostplan_int.h"
#include "engine/conf/merge3.h"
#include "engine/crypto/crypto.h"

static const char *const what_texts[HOST_WHAT__COUNT] = {
    [HOST_WHAT_KEYTAB] = N_("Machine keys (keytab)"),
    [HOST_WHAT_KRB5] = N_("Kerberos settings"),
    [HOST_WHAT_SSSD] = N_("Identity service settings (SSSD)"),
    [HOST_WHAT_NSS] = N_("Sources of user names"),
    [HOST_WHAT_HOSTNAME] = N_("Host name"),
    [HOST_WHAT_HOSTS] = N_("This machine's entry in the hosts file"),
    [HOST_WHAT_SUDOERS] = N_("Administrators (sudo)"),
    [HOST_WHAT_TIME] = N_("Time source"),
    [HOST_WHAT_KDCINFO] = N_("First controller to ask (SSSD's cache)"),
    [HOST_WHAT_PAM] = N_("Logging in with domain accounts (PAM)"),
    [HOST_WHAT_ENABLE] = N_("Identity service at the next start"),
    [HOST_WHAT_RESTART] = N_("Restart of a service"),
    [HOST_WHAT_SET_NAME] = N_("Running host name"),
    [HOST_WHAT_CLEAR_CACHE] = N_("Cache of the old membership"),
    [HOST_WHAT_LABELS] = N_("SELinux labels of the files"),
    [HOST_WHAT_WORKGROUP] = N_("Workgroup"),
    [HOST_WHAT_SAMBA] = N_("Settings of Samba"),
    [HOST_WHAT_SAMBA_SECRET] = N_("Samba's copy of the machine's secret"),
};

const char *hostplan_what_text(enum host_what w)
{
    return (unsigned)w < HOST_WHAT__COUNT ? what_texts[w] : "";
}

struct host_change *plan_add(struct planner *pl, enum host_change_kind kind, enum host_what what,
                             const char *path)
{
    struct hostplan *p = pl->p;
    p->changes = xrealloc_array(p->changes, p->n + 1, sizeof *p->changes);
    struct host_change *c = &p->changes[p->n++];
    memset(c, 0, sizeof *c);
    c->kind = kind;
    c->what = what;
    c->path = path ? xstrdup(path) : NULL;
    return c;
}

void plan_problem(struct planner *pl, const struct err *e)
{
    struct hostplan *p = pl->p;
    p->problems = xrealloc_array(p->problems, p->n_problems + 1, sizeof *p->problems);
    p->problems[p->n_problems++] = *e;
}

char *plan_command_text(const struct strv *argv)
{
    struct buf b = BUF_INIT(4096);
    for (size_t i = 0; i < argv->n; i++)
        buf_printf(&b, strchr(argv->s[i], ' ') ? "%s'%s'" : "%s%s", i ? " " : "", argv->s[i]);
    return buf_steal(&b);
}

struct host_change *plan_command(struct planner *pl, enum host_what what, const char *const *argv)
{
    struct host_change *c = plan_add(pl, HOST_CHANGE_COMMAND, what, NULL);
    for (size_t i = 0; argv[i]; i++)
        strv_add(&c->argv, argv[i]);
    c->command = plan_command_text(&c->argv);
    return c;
}

bool plan_has_path(const struct planner *pl, const char *path)
{
    for (size_t i = 0; i < pl->p->n; i++) {
        if (str_eq(pl->p->changes[i].path, path) || strv_has(&pl->p->changes[i].protect, path))
            return true;
    }
    return false;
}

int plan_read(struct planner *pl, const char *path, char **ret, struct err *e)
{
    struct buf b = BUF_INIT(HOST_FILE_MAX);
    bool present;
    *ret = NULL;
    int rc = host_read_opt(pl->h, path, &b, &present, e);
    if (rc == 0 && present && b.len && memchr(b.data, 0, b.len)) {
        err_fact(e, FACT_FILE, "%s", path);
        err_fact(e, FACT_DETAIL, "not a text");
        rc = err_cause(e, CAUSE_FILE_UNPARSABLE);
    }
    if (rc == 0 && present)
        *ret = buf_steal(&b);
    buf_free(&b);
    return rc;
}

/* SSSD and sudo refuse files that others may read or write, whatever stands in them. */
static bool wrong_mode(struct planner *pl, const char *path, mode_t mode)
{
    struct host_meta m;
    struct err ignored = {0};
    return host_stat(pl->h, path, &m, &ignored) == 0 && m.kind == HOST_FILE && m.mode != mode;
}

void plan_file(struct planner *pl, enum host_what what, const char *path, mode_t mode,
               plan_editor *edit)
{
    struct err e = {0};
    struct buf after = BUF_INIT(HOST_FILE_MAX);
    AUTOFREE char *now = NULL;
    AUTOFREE char *base = NULL;
    const struct enroll_file *f = enroll_record_file(&pl->rec, path);
    int rc = plan_read(pl, path, &now, &e);
    if (rc == 0 && now && f && f->kind == ENROLL_FILE)
        rc = plan_undo_ours(pl, f, now, &base, NULL, NULL, &e);
    else if (rc == 0 && now)
        base = xstrdup(now);
    if (rc == 0)
        rc = edit(base, pl->s, &after, &e);
    if (rc != 0) {
        plan_problem(pl, &e);
    } else {
        struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, what, path);
        c->before = TAKE(now);
        c->after = xstrdup(buf_text(&after));
        c->mode = mode;
        c->only_mode = mode && wrong_mode(pl, path, mode);
    }
    buf_free(&after);
}

static int edit_sssd(const char *before, const struct host_settings *s, struct buf *ret,
                     struct err *e)
{
    return conf_sssd(before, s, false, ret, e);
}

static int edit_sssd_sockets(const char *before, const struct host_settings *s, struct buf *ret,
                             struct err *e)
{
    return conf_sssd(before, s, true, ret, e);
}

static int edit_nss(const char *before, const struct host_settings *s UNUSED, struct buf *ret,
                    struct err *e)
{
    return conf_nsswitch(before, ret, e);
}

int plan_edit_sudoers(const char *before UNUSED, const struct host_settings *s, struct buf *ret,
                      struct err *e)
{
    return conf_sudoers(s, ret, e);
}

static int edit_kdcinfo(const char *before UNUSED, const struct host_settings *s, struct buf *ret,
                        struct err *e)
{
    conf_kdcinfo(s, ret);
    return ret->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

static void plan_krb5(struct planner *pl)
{
    struct err e = {0};
    AUTOFREE char *text = NULL;
    bool dir = false;
    if (plan_read(pl, CONF_KRB5, &text, &e) != 0 || conf_krb5_reads_dir(text, &dir, &e) != 0)
        plan_problem(pl, &e);
    else
        plan_file(pl, HOST_WHAT_KRB5, dir ? CONF_KRB5_SNIPPET : CONF_KRB5, 0, conf_krb5);
}

void plan_keytab(struct planner *pl)
{
    struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, HOST_WHAT_KEYTAB, HOST_KEYTAB);
    c->secret = true;
    c->mode = 0600;
    c->flags = TXN_FILE_SECRET;
}

/* Debian starts the responders by sockets, which it enables below sssd.service. */
static bool sockets(struct planner *pl)
{
    return host_exists(pl->h, "/etc/systemd/system/sssd.service.wants/sssd-nss.socket") &&
           host_exists(pl->h, "/etc/systemd/system/sssd.service.wants/sssd-pam.socket");
}

static void plan_identity(struct planner *pl)
{
    plan_file(pl, HOST_WHAT_SSSD, CONF_SSSD, 0600, sockets(pl) ? edit_sssd_sockets : edit_sssd);
    /* Under authselect the file is generated: its tool is the one to change it. */
    if (!host_exists(pl->h, "/etc/authselect/authselect.conf"))
        plan_file(pl, HOST_WHAT_NSS, CONF_NSSWITCH, 0, edit_nss);
    if (pl->s->administrators.n)
        plan_file(pl, HOST_WHAT_SUDOERS, CONF_SUDOERS, 0440, plan_edit_sudoers);
    if (pl->s->kdc_addresses.n && host_exists(pl->h, "/var/lib/sss/pubconf")) {
        AUTOFREE char *path = xasprintf("/var/lib/sss/pubconf/kdcinfo.%s", pl->s->realm);
        plan_file(pl, HOST_WHAT_KDCINFO, path, 0644, edit_kdcinfo);
        if (pl->p->n && str_eq(pl->p->changes[pl->p->n - 1].path, path))
            pl->p->changes[pl->p->n - 1].flags = TXN_FILE_EXTRA;
    }
}

/* What an earlier join wrote and this one has no use for is taken back. */
static void plan_stale(struct planner *pl)
{
    for (size_t i = 0; i < pl->rec.n_files; i++) {
        const struct enroll_file *f = &pl->rec.files[i];
        struct err e = {0};
        bool pam = plan_is_pam(f->path);
        if (f->kind == ENROLL_FILE && !pam && !plan_has_path(pl, f->path) &&
            plan_undo_file(pl, f, &e) != 0)
            plan_problem(pl, &e);
    }
}

static void plan_packages(struct planner *pl)
{
    struct err e = {0};
    struct package_needs needs = {.sssd = pl->s->identity == HOST_IDENTITY_SSSD,
                                  .winbind = pl->s->identity == HOST_IDENTITY_WINBIND,
                                  .sudo = pl->s->administrators.n > 0};
    if (packages_probe(pl->h, &needs, &pl->p->packages, &e) != 0)
        plan_problem(pl, &e);
    /* Another root may get its packages later; a running system could not keep the promise. */
    if (!pl->live || !pl->p->packages.missing.n)
        return;
    AUTOFREE char *names = plan_command_text(&pl->p->packages.missing);
    err_cause(&e, CAUSE_PACKAGE_MISSING);
    err_fact(&e, FACT_PACKAGES, "%s", names);
    err_fact(&e, FACT_COMMAND, "%s", pl->p->packages.command);
    plan_problem(pl, &e);
}

static void change_free(struct host_change *c)
{
    if (c->bytes)
        explicit_bzero(c->bytes, c->n_bytes);
    free(c->bytes);
    free(c->path);
    free(c->before);
    free(c->after);
    free(c->command);
    strv_free(&c->kept);
    strv_free(&c->argv);
    strv_free(&c->protect);
}

void plan_drop_idle(struct hostplan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct host_change *c = &p->changes[i];
        if (c->kind == HOST_CHANGE_FILE && !c->secret && !c->only_mode &&
            str_eq(c->before, c->after))
            change_free(c);
        else
            p->changes[n++] = *c;
    }
    p->n = n;
}

static void plan_all(struct planner *pl)
{
    const struct host_settings *s = pl->s;
    plan_krb5(pl);
    plan_keytab(pl);
    if (s->identity == HOST_IDENTITY_SSSD)
        plan_identity(pl);
    else if (s->identity == HOST_IDENTITY_WINBIND)
        plan_winbind(pl);
    if (s->set_hostname) {
        plan_file(pl, HOST_WHAT_HOSTNAME, CONF_HOSTNAME, 0, conf_hostname);
        plan_file(pl, HOST_WHAT_HOSTS, CONF_HOSTS, 0, conf_hosts);
    }
    plan_time(pl);
    plan_pam(pl);
    if (s->foreign_disk)
        plan_forget_others(pl);
    if (s->identity == HOST_IDENTITY_WINBIND)
        plan_winbind_secret(pl);
    plan_services(pl);
    plan_stale(pl);
    plan_packages(pl);
    plan_drop_idle(pl->p);
}

int hostplan_build(struct host *h, const struct host_settings *s, struct hostplan *ret,
                   struct err *e)
{
    struct planner pl = {.h = h, .s = s, .p = ret, .live = host_is_live(h)};
    struct err mine = {0};
    bool present;
    *ret = (struct hostplan){0};
    if (conf_check_settings(s, &mine) != 0 || enroll_record_load(h, &pl.rec, &present, &mine) != 0)
        plan_problem(&pl, &mine);
    else
        plan_all(&pl);
    enroll_record_free(&pl.rec);
    if (ret->n_problems == 0)
        return 0;
    if (e && !e->code)
        *e = ret->problems[0];
    return -1;
}

void hostplan_free(struct hostplan *p)
{
    for (size_t i = 0; i < p->n; i++)
        change_free(&p->changes[i]);
    free(p->changes);
    free(p->problems);
    package_report_free(&p->packages);
    *p = (struct hostplan){0};
}

char *hostplan_diff(const struct host_change *c)
{
    struct buf b = BUF_INIT(4 << 20);
    if (c->kind != HOST_CHANGE_FILE || c->secret ||
        merge3_diff(c->before ? c->before : "", c->after ? c->after : "", &b) != 0) {
        buf_free(&b);
        return xstrdup("");
    }
    return buf_steal(&b);
}
