#include "engine/flow/member.h"

#include <stdio.h>
#include <string.h>

/* The answers of the join; a record that has none, or some that are not understood any more, goes
 * without. */
static struct settings *join_answers(const struct enroll_record *r)
{
    struct settings *a = xcalloc(1, sizeof *a);
    struct err e = {0};
    settings_init(a);
    if (!str_empty(r->answers) &&
        settings_load_ini(a, r->answers, strlen(r->answers), ORIGIN_FILE, &e) < 0) {
        log_notice("the answers of the join are not understood: %s", code_symbol(e.code));
        settings_free(a);
        settings_init(a);
    }
    return a;
}

int member_use(struct member *mb, struct err *e)
{
    const struct enroll_record *r = &mb->m.rec;
    struct session *s = mb->s;
    struct machine_names *n = &s->names;
    mb->asked_then = join_answers(r);
    mb->own = settings_clone(mb->asked_then);
    if (!mb->own)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    if (settings_set(mb->own, OPT_DOMAIN, r->domain, ORIGIN_SET, e) < 0 ||
        settings_set(mb->own, OPT_CONTROLLER, "", ORIGIN_SET, e) < 0 ||
        settings_set(mb->own, OPT_FLAG_JOIN_READONLY, "no", ORIGIN_SET, e) < 0 ||
        settings_set(mb->own, OPT_FQDN, r->fqdn, ORIGIN_SET, e) < 0)
        return -1;
    mb->asked = s->s;
    s->s = mb->own;
    *n = (struct machine_names){0};
    snprintf(n->netbios, sizeof n->netbios, "%s", r->computer);
    snprintf(n->account, sizeof n->account, "%.15s$", r->computer);
    snprintf(n->fqdn, sizeof n->fqdn, "%s", r->fqdn);
    snprintf(n->label, sizeof n->label, "%.*s", (int)strcspn(r->fqdn, "."), r->fqdn);
    mb->principal = xasprintf("%s@%s", n->account, r->realm);
    return 0;
}

int member_open(struct member *mb, struct session *s, struct err *e)
{
    *mb = (struct member){.s = s, .lock = HOST_LOCK_INIT, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
    report_step(s->r, STEP_JOURNAL);
    if (!host_is_root(s->target))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (host_lock_take(s->target, &mb->lock, e) < 0)
        return -1;
    if (txn_pending(s->target))
        return err_cause(e, CAUSE_JOURNAL_PENDING);
    if (membership_is_controller(s->target))
        return err_cause(e, CAUSE_MACHINE_IS_DC);
    if (membership_load(s->target, &mb->m, e) < 0 || membership_need_ours(&mb->m, e) < 0 ||
        member_use(mb, e) < 0)
        return -1;
    report_ok(s->r, N_("a member of {1} as {2}"), mb->m.rec.domain, mb->m.rec.computer, NULL);
    return 0;
}

void member_close(struct member *mb)
{
    if (mb->asked)
        mb->s->s = mb->asked;
    settings_drop(mb->own);
    settings_drop(mb->asked_then);
    membership_free(&mb->m);
    free(mb->principal);
    buf_free(&mb->keytab);
    strv_free(&mb->names);
    host_unlock(&mb->lock);
    *mb = (struct member){.lock = HOST_LOCK_INIT};
}

int member_read_keytab(struct member *mb, struct err *e)
{
    bool present;
    buf_free(&mb->keytab);
    strv_free(&mb->names);
    mb->keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    int r = host_read_opt(mb->s->target, HOST_KEYTAB, &mb->keytab, &present, e);
    if (r == 0 && mb->keytab.len)
        r = kerb_keytab_sharing(mb->keytab.data, mb->keytab.len, mb->principal, &mb->names, e);
    if (r == 0 && mb->names.n == 0)
        r = err_cause(e, CAUSE_MACHINE_KEYTAB_MISSING);
    if (r < 0) {
        err_fact(e, FACT_FILE, "%s", HOST_KEYTAB);
        err_fact(e, FACT_ACCOUNT, "%s", mb->principal);
    }
    return r;
}

int member_stage_keytab(struct member *mb, struct txn *t, const struct buf *keytab, struct err *e)
{
    struct host_meta meta;
    if (host_stat(mb->s->target, HOST_KEYTAB, &meta, e) < 0)
        return -1;
    if (meta.kind != HOST_FILE)
        meta = host_meta_own(0600);
    return txn_stage_file(t, HOST_KEYTAB, &meta, TXN_FILE_SECRET, keytab->data, keytab->len, e);
}

void member_own_words(struct err *e)
{
    static const struct {
        enum cause person, machine;
    } words[] = {
        {CAUSE_KDC_WRONG_PASSWORD, CAUSE_MACHINE_SECRET_BROKEN},
        {CAUSE_KDC_UNKNOWN_USER, CAUSE_MACHINE_ACCOUNT_GONE},
        {CAUSE_KDC_DISABLED, CAUSE_MACHINE_ACCOUNT_DISABLED},
        {CAUSE_KDC_LOCKED, CAUSE_MACHINE_ACCOUNT_LOCKED},
        {CAUSE_KDC_EXPIRED, CAUSE_MACHINE_ACCOUNT_EXPIRED},
    };
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (e->cause == words[i].person) {
            e->cause = words[i].machine;
            e->code = cause_code(words[i].machine);
            return;
        }
    }
}
