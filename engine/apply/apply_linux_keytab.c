/* The keytab of a machine that has not met its domain yet. */
#include "engine/apply/apply_linux.h"

/* AES is what the account gets at the latest with the first contact; until its encryption types are
 * in the directory, a controller may use RC4 for tickets of this machine. */
static const int likely_etypes[] = {KERB_AES256, KERB_AES128, KERB_RC4};

/* What the target's keytab has of services, without keys of computers: a copied disk must not be
 * able to be two machines. */
static int read_clean(struct apply_linux *a, struct buf *clean, struct err *e)
{
    struct buf old = BUF_SECRET(KERB_KEYTAB_MAX);
    bool present;
    int r = host_read_opt(a->j.s->target, HOST_KEYTAB, &old, &present, e);
    if (r == 0 && old.len)
        r = kerb_keytab_clean(old.data, old.len, clean, &a->dropped, e);
    if (r < 0)
        err_fact(e, FACT_FILE, "%s", HOST_KEYTAB);
    buf_free(&old);
    return r;
}

static int build(struct apply_linux *a, const struct buf *clean, struct err *e)
{
    struct session *s = a->j.s;
    struct buf one = BUF_SECRET(KERB_KEYTAB_MAX);
    struct strv names = {0};
    AUTOFREE char *salt = kerb_machine_salt(s->realm, s->names.account);
    AUTOFREE char *principal = xasprintf("%s@%s", s->names.account, s->realm);
    machine_principals(&s->names, &names);
    struct kerb_keytab_spec spec = {
        .realm = s->realm,
        .names = (const char *const *)names.s,
        .n_names = names.n,
        .kvno = 1,
        .etypes = likely_etypes,
        .n_etypes = ARRAY_SIZE(likely_etypes),
    };
    int r = kerb_keytab_build(clean->len ? clean->data : NULL, clean->len, &spec,
                              &a->data->password, salt, &one, e);
    spec.key_of = principal;
    spec.etypes = NULL;
    spec.n_etypes = 0;
    buf_free(&a->keytab);
    a->keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    if (r == 0)
        r = kerb_keytab_number(one.data, one.len, &spec, 1, APPLY_KVNO_LAST, &a->keytab, e);
    strv_free(&names);
    buf_free(&one);
    return r;
}

int apply_linux_keytab(struct apply_linux *a, struct err *e)
{
    struct buf clean = BUF_SECRET(KERB_KEYTAB_MAX);
    strv_free(&a->dropped);
    int r = read_clean(a, &clean, e);
    if (r == 0)
        r = build(a, &clean, e);
    for (size_t i = 0; r == 0 && i < a->dropped.n; i++)
        log_notice("another computer's key in the keytab is dropped: %s", a->dropped.s[i]);
    buf_free(&clean);
    return r;
}

/* Leaving puts the backup back, so the backup has to be clean as well. */
static int clean_backup(struct host *h, const char *path, struct err *e)
{
    struct buf old = BUF_SECRET(KERB_KEYTAB_MAX), clean = BUF_SECRET(KERB_KEYTAB_MAX);
    struct host_meta own = host_meta_own(0600);
    struct strv dropped = {0};
    bool present;
    int r = host_read_opt(h, path, &old, &present, e);
    if (r == 0 && old.len)
        r = kerb_keytab_clean(old.data, old.len, &clean, &dropped, e);
    if (r == 0 && dropped.n) {
        /* The old contents are overwritten, not only unlinked. */
        r = host_remove_wipe(h, path, e);
        if (r == 0)
            r = host_write_new(h, path, &own, NULL, clean.data, clean.len, e);
    }
    strv_free(&dropped);
    buf_free(&old);
    buf_free(&clean);
    return r;
}

int apply_linux_forget(struct apply_linux *a, struct err *e)
{
    struct host *h = a->j.s->target;
    struct enroll_record rec = {0};
    bool present;
    if (!a->dropped.n)
        return 0;
    int r = enroll_record_load(h, &rec, &present, e);
    const struct enroll_file *f = r == 0 && present ? enroll_record_file(&rec, HOST_KEYTAB) : NULL;
    if (f && f->backup)
        r = clean_backup(h, f->backup, e);
    enroll_record_free(&rec);
    return r;
}
