/* A rename as it is shown beforehand: its part of JOB_PLAN, JOB_NAME and --check. Nothing is
 * written. */
#include "engine/flow/rename.h"

#include <string.h>

#include "engine/wire/dn.h"

static struct rename fresh(struct session *s)
{
    return (struct rename){.s = s, .lock = HOST_LOCK_INIT, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
}

/* ---- what the review shows ---- */

static void value_changes(struct session *s, const char *dn, const char *what, const char *old,
                          const char *new)
{
    AUTOFREE char *detail = *old ? xasprintf("-%s\n+%s", old, new) : xasprintf("+%s", new);
    report_change(s->r, CHANGE_DIRECTORY, dn, what, detail);
}

static void services_change(struct rename *r)
{
    struct buf b = BUF_INIT(64u << 10);
    const struct account_rename *a = &r->a;
    for (size_t i = 0; i < a->gone.n; i++)
        buf_printf(&b, "%s-%s", b.len ? "\n" : "", a->gone.s[i]);
    for (size_t i = 0; i < a->added.n; i++)
        buf_printf(&b, "%s+%s", b.len ? "\n" : "", a->added.s[i]);
    if (b.len)
        report_change(r->s->r, CHANGE_DIRECTORY, a->was.dn, N_("Service names"), buf_text(&b));
    buf_free(&b);
}

static void send_account(struct rename *r)
{
    struct session *s = r->s;
    const struct account_rename *a = &r->a;
    if (a->sam_changes)
        value_changes(s, a->was.dn, N_("Account name"), a->was.sam, a->new_sam);
    if (a->dns_changes)
        value_changes(s, a->was.dn, N_("Host name in the directory"), a->was.dns_host,
                      s->names.fqdn);
    services_change(r);
    if (a->display_changes)
        value_changes(s, a->was.dn, N_("Display name"), r->a.display, a->new_sam);
    if (a->new_rdn) {
        AUTOFREE char *leaf = dn_leaf_value(a->was.dn);
        AUTOFREE char *old = xasprintf("CN=%s", leaf);
        value_changes(s, a->was.dn, N_("Name of the object"), old, a->new_rdn);
    }
    report_decision(s, r->decision);
}

static int plan_all(struct rename *r, struct err *e)
{
    struct err files = {0};
    if (rename_member(r, e) < 0 || rename_names(r, e) < 0)
        return -1;
    if (r->account) {
        if (rename_connect(r, e) < 0 || rename_look(r, e) < 0)
            return -1;
        send_account(r);
    }
    if (rename_local(r, &files) < 0 && !r->plan.n_problems)
        report_verdict(r->s->r, CHECK_KEYTAB, VERDICT_FAIL, &files);
    plan_send(r->s, &r->plan);
    return 0;
}

int plan_rename(struct session *s, struct err *e)
{
    struct rename r = fresh(s);
    int rc = plan_all(&r, e);
    rename_done(&r);
    return rc;
}

/* ---- the name's page ---- */

static enum name_state state_of(const struct rename *r)
{
    if (r->decision->action == ACCOUNT_REFUSE)
        return r->decision->err.code == 2224 ? NAME_TAKEN : NAME_REFUSED;
    return r->a.sam_changes ? NAME_FREE : NAME_OWN;
}

static int name_all(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    if (rename_member(r, e) < 0 || rename_names(r, e) < 0)
        return -1;
    if (r->account && (rename_connect(r, e) < 0 || rename_look(r, e) < 0))
        return -1;
    const struct account_object *o = r->facts.existing;
    struct engine_msg *m = report_new(s->r, MSG_NAME);
    m->u.name = (struct name_view){
        .netbios = xstrdup(s->names.netbios),
        .fqdn = xstrdup(s->names.fqdn),
        .account = xstrdup(s->names.account),
        .state = r->account ? state_of(r) : NAME_FREE,
        .dn = xstrdup(o ? o->dn : ""),
        .owner = xstrdup(r->facts.owner_name ? r->facts.owner_name : ""),
        .creator = xstrdup(r->facts.creator_name ? r->facts.creator_name : ""),
    };
    if (r->decision)
        m->u.name.why = r->decision->err;
    s->r->send(s->r->arg, m);
    return 0;
}

int name_rename(struct session *s, struct err *e)
{
    struct rename r = fresh(s);
    int rc = name_all(&r, e);
    rename_done(&r);
    return rc;
}

/* ---- --check ---- */

static void skip(struct session *s, const enum check *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_verdict(s->r, list[i], VERDICT_SKIPPED, NULL);
}

static bool check_local(struct rename *r)
{
    struct session *s = r->s;
    struct err e = {0};
    if (rename_local(r, &e) == 0) {
        report_verdict(s->r, CHECK_FILES, VERDICT_OK, NULL);
        return true;
    }
    bool keytab = e.cause == CAUSE_MACHINE_KEYTAB_MISSING;
    report_verdict(s->r, keytab ? CHECK_KEYTAB : CHECK_FILES, VERDICT_FAIL, &e);
    return false;
}

static void check_account(struct rename *r, bool keys)
{
    static const enum check all[] = {CHECK_NAME, CHECK_RIGHTS, CHECK_SERVICE_NAMES, CHECK_DNS_NAME,
                                     CHECK_SECRET};
    struct session *s = r->s;
    struct err e = {0};
    if (!check_network(s) || !check_login(s)) {
        skip(s, all, ARRAY_SIZE(all));
        return;
    }
    if (rename_look(r, &e) < 0) {
        report_verdict(s->r, CHECK_NAME, VERDICT_FAIL, &e);
        skip(s, all + 1, ARRAY_SIZE(all) - 1);
        return;
    }
    report_decision(s, r->decision);
    if (!keys)
        report_verdict(s->r, CHECK_SECRET, VERDICT_SKIPPED, NULL);
    else if (rename_check_secret(r, &e) < 0)
        report_verdict(s->r, CHECK_SECRET, VERDICT_FAIL, &e);
    else
        report_verdict(s->r, CHECK_SECRET, VERDICT_OK, NULL);
}

static void check_all(struct rename *r)
{
    struct session *s = r->s;
    struct err root = {0}, member = {0}, names = {0};
    if (!host_is_root(s->target))
        err_cause(&root, CAUSE_NOT_ROOT);
    report_verdict(s->r, CHECK_ROOT, root.code ? VERDICT_FAIL : VERDICT_OK, &root);
    int rc = rename_member(r, &member);
    if (rc == 0 && txn_pending(s->target))
        err_cause(&member, CAUSE_JOURNAL_PENDING);
    report_verdict(s->r, CHECK_MEMBERSHIP, member.code ? VERDICT_FAIL : VERDICT_OK, &member);
    if (rc < 0)
        return;
    if (rename_names(r, &names) < 0) {
        report_verdict(s->r, CHECK_NAME, VERDICT_FAIL, &names);
        return;
    }
    bool keys = check_local(r);
    if (r->account)
        check_account(r, keys);
}

int check_rename(struct session *s, struct err *e)
{
    struct rename r = fresh(s);
    check_all(&r);
    rename_done(&r);
    return cancel_check(s->cancel, e);
}
