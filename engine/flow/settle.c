/*
 * The first contact of a machine that was enrolled offline: the directory tells the version number
 * of its keys, and the keytab keeps them under that one alone. The only thing that `status` ever
 * writes: until then the keys stand under numbers that a later password could come to have.
 */
#include "engine/apply/apply_linux.h"
#include "engine/flow/proof.h"
#include "engine/wire/adattr.h"

/* SSSD may have changed the password since, by its own rules: then nothing is guessed any more, and
 * the keytab's second number is that of the password before. */
bool settle_wanted(const struct proof *p)
{
    const struct membership *m = &p->mb->m;
    bool guessed = p->keytab_kvno != p->id.kvno || p->keytab_kvno == APPLY_KVNO_LAST;
    return !m->other_tool && m->rec.kvno == 0 && p->id.has_kvno && p->id.kvno > 0 &&
           p->has_keytab && guessed;
}

/* RC4 goes as soon as the directory says that the account has AES. */
static int renumber(struct proof *p, struct buf *out, struct err *e)
{
    static const int aes[] = {KERB_AES256, KERB_AES128};
    struct member *mb = p->mb;
    bool only_aes = p->id.has_etypes && (p->id.etypes & ETYPES_AES) == ETYPES_AES;
    struct kerb_keytab_spec spec = {
        .realm = mb->m.rec.realm,
        .names = (const char *const *)mb->names.s,
        .n_names = mb->names.n,
        .etypes = only_aes ? aes : NULL,
        .n_etypes = only_aes ? ARRAY_SIZE(aes) : 0,
        .key_of = mb->principal,
    };
    return kerb_keytab_number(mb->keytab.data, mb->keytab.len, &spec, p->id.kvno, p->id.kvno, out,
                              e);
}

static void fill_record(struct proof *p)
{
    struct enroll_record *r = &p->mb->m.rec;
    r->kvno = p->id.kvno;
    if (str_empty(r->account_dn) && p->id.dn) {
        free(r->account_dn);
        r->account_dn = xstrdup(p->id.dn);
    }
}

static int write_keytab(struct proof *p, const struct buf *keytab, struct err *e)
{
    struct member *mb = p->mb;
    struct txn *t = NULL;
    struct err f = {0};
    if (txn_begin(mb->s->target, "settle", NULL, 0, &t, e) < 0)
        return -1;
    int r = member_stage_keytab(mb, t, keytab, e);
    if (r == 0)
        r = txn_switch(t, e);
    if (r == 0) {
        fill_record(p);
        r = txn_commit(t, &mb->m.rec, e);
    }
    if (r < 0 && txn_state(t) != TXN_COMMITTING && txn_rollback(t, &f) < 0)
        log_error("undo of the keytab: %s: %s", code_symbol(f.code), f.raw);
    txn_free(t);
    return r;
}

int settle(struct proof *p, struct err *e)
{
    struct member *mb = p->mb;
    struct host *h = mb->s->target;
    struct buf keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    struct host_lock lock = HOST_LOCK_INIT;
    if (!host_is_root(h))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (mb->lock.fd < 0 && host_lock_take(h, &lock, e) < 0)
        return -1;
    int r = txn_pending(h) ? err_cause(e, CAUSE_JOURNAL_PENDING) : renumber(p, &keytab, e);
    if (r == 0)
        r = write_keytab(p, &keytab, e);
    host_unlock(&lock);
    buf_free(&keytab);
    if (r == 0)
        r = member_read_keytab(mb, e);
    if (r == 0)
        p->keytab_kvno = p->id.kvno;
    return r;
}
