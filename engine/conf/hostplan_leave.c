/* Taking our lines back out of files that their owner may have changed since. */
#include <string.h>

#include "engine/conf/hostplan_int.h"
#include "engine/conf/merge3.h"
#include "engine/crypto/crypto.h"

enum host_what plan_what_of(const char *path)
{
    static const struct {
        const char *start;
        enum host_what what;
    } table[] = {
        {CONF_KEYTAB, HOST_WHAT_KEYTAB},
        {CONF_KRB5, HOST_WHAT_KRB5},
        {"/etc/sssd/", HOST_WHAT_SSSD},
        {CONF_NSSWITCH, HOST_WHAT_NSS},
        {CONF_HOSTNAME, HOST_WHAT_HOSTNAME},
        {CONF_HOSTS, HOST_WHAT_HOSTS},
        {"/etc/sudoers", HOST_WHAT_SUDOERS},
        {"/etc/chrony", HOST_WHAT_TIME},
        {"/etc/systemd/timesyncd", HOST_WHAT_TIME},
        {"/etc/systemd/system", HOST_WHAT_ENABLE},
        {"/var/lib/sss/", HOST_WHAT_KDCINFO},
    };
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (strncmp(path, table[i].start, strlen(table[i].start)) == 0)
            return table[i].what;
    }
    return HOST_WHAT_PAM;
}

static bool blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static int merged(struct planner *pl, const struct enroll_file *f, const char *now, const char *old,
                  char **ret, unsigned *conflicts, struct strv *kept, struct err *e)
{
    AUTOFREE char *wrote = NULL;
    struct buf b = BUF_INIT(HOST_FILE_MAX);
    struct merge3_result res = {0};
    int rc = f->written ? plan_read(pl, f->written, &wrote, e) : 0;
    if (rc == 0 && !wrote) {
        /* The copy of what we wrote is gone: nothing can be told apart, so everything stays. */
        *ret = xstrdup(now);
        if (conflicts)
            *conflicts = 1;
        return 0;
    }
    if (rc == 0)
        rc = merge3(wrote, old ? old : "", now, &b, &res) == 0 ? 0 : err_cause(e, CAUSE_INTERNAL);
    if (rc == 0 && (old || !blank(buf_text(&b))))
        *ret = xstrdup(buf_text(&b));
    if (conflicts)
        *conflicts = res.conflicts;
    if (kept)
        strv_copy(kept, &res.kept);
    merge3_result_free(&res);
    buf_free(&b);
    return rc;
}

int plan_undo_ours(struct planner *pl, const struct enroll_file *f, const char *now, char **ret,
                   unsigned *conflicts, struct strv *kept, struct err *e)
{
    char sum[CRYPTO_SHA256_HEX];
    AUTOFREE char *old = NULL;
    *ret = NULL;
    if (f->backup && plan_read(pl, f->backup, &old, e) != 0)
        return -1;
    crypto_sha256_hex(now, strlen(now), sum);
    if (strcmp(sum, f->sha256) != 0)
        return merged(pl, f, now, old, ret, conflicts, kept, e);
    *ret = TAKE(old);
    return 0;
}

int plan_undo_file(struct planner *pl, const struct enroll_file *f, struct err *e)
{
    AUTOFREE char *now = NULL;
    AUTOFREE char *after = NULL;
    struct strv kept = {0};
    unsigned conflicts = 0;
    if (plan_read(pl, f->path, &now, e) != 0)
        return -1;
    if (!now && !f->backup)
        return 0; /* the owner removed it already */
    /* A file of the owner's that we had removed comes back. */
    int rc = now ? plan_undo_ours(pl, f, now, &after, &conflicts, &kept, e) : 0;
    if (!now && *f->sha256 == '\0')
        rc = plan_read(pl, f->backup, &after, e);
    if (rc == 0 && !str_eq(now, after)) {
        struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, plan_what_of(f->path), f->path);
        c->before = TAKE(now);
        c->after = TAKE(after);
        c->mode = f->backup ? f->mode : 0;
        c->conflicts = conflicts;
        c->kept = kept;
        return 0;
    }
    strv_free(&kept);
    return rc;
}

static int leave_file(struct planner *pl, const struct enroll_file *f, const void *keytab,
                      size_t len, struct err *e)
{
    struct host_meta m;
    if (f->kind == ENROLL_FILE)
        return plan_undo_file(pl, f, e);
    if (host_lstat(pl->h, f->path, &m, e) != 0)
        return -1;
    if (m.kind == HOST_ABSENT)
        return 0;
    if (f->kind == ENROLL_LINK) {
        if (m.kind == HOST_LINK)
            plan_add(pl, HOST_CHANGE_FILE, plan_what_of(f->path), f->path)->before = xstrdup("");
        return 0;
    }
    struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, HOST_WHAT_KEYTAB, f->path);
    c->secret = true;
    c->flags = TXN_FILE_SECRET;
    if (keytab) {
        c->bytes = xcalloc(1, len + 1);
        memcpy(c->bytes, keytab, len);
        c->n_bytes = len;
    }
    return 0;
}

/* SSSD's databases hold the domain's users and hashes of their passwords. */
static void drop_caches(struct planner *pl)
{
    const char *d = pl->rec.domain, *r = pl->rec.realm;
    char *const paths[] = {
        xasprintf("/var/lib/sss/db/cache_%s.ldb", d),
        xasprintf("/var/lib/sss/db/timestamps_%s.ldb", d),
        xasprintf("/var/lib/sss/db/ccache_%s", r),
        xasprintf("/var/lib/sss/pubconf/kdcinfo.%s", r),
        xasprintf("/var/lib/sss/pubconf/kpasswdinfo.%s", r),
    };
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        if (!strpbrk(d, "/") && !strpbrk(r, "/") && host_exists(pl->h, paths[i]))
            plan_add(pl, HOST_CHANGE_DROP, HOST_WHAT_CLEAR_CACHE, paths[i]);
        free(paths[i]);
    }
}

static void leave_services(struct planner *pl)
{
    bool sssd = false, goes = false;
    AUTOFREE char *name = NULL;
    for (size_t i = 0; i < pl->p->n; i++) {
        const struct host_change *c = &pl->p->changes[i];
        if (str_eq(c->path, CONF_SSSD)) {
            sssd = true;
            goes = c->after == NULL;
        }
        if (str_eq(c->path, CONF_HOSTNAME) && c->after)
            name = xstrndup(c->after, strcspn(c->after, "\n"));
    }
    if (!pl->live)
        return;
    if (!str_empty(name) && name[0] != '#') {
        struct host_change *c = plan_add(pl, HOST_CHANGE_NAME, HOST_WHAT_SET_NAME, NULL);
        c->before = xstrdup(pl->rec.fqdn);
        c->before[strcspn(c->before, ".")] = '\0';
        c->after = TAKE(name);
    }
    if (sssd && pl->restart) {
        const char *const argv[] = {"systemctl", goes ? "stop" : "restart", "sssd.service", NULL};
        plan_command(pl, HOST_WHAT_RESTART, argv);
    }
}

int hostplan_leave(struct host *h, const struct enroll_record *rec, const void *keytab,
                   size_t keytab_len, bool restart, struct hostplan *ret, struct err *e)
{
    struct planner pl = {
        .h = h, .p = ret, .rec = *rec, .live = host_is_live(h), .restart = restart};
    *ret = (struct hostplan){0};
    for (size_t i = 0; i < rec->n_files; i++) {
        struct err mine = {0};
        if (leave_file(&pl, &rec->files[i], keytab, keytab_len, &mine) != 0)
            plan_problem(&pl, &mine);
    }
    leave_services(&pl);
    drop_caches(&pl);
    if (ret->n_problems == 0)
        return 0;
    if (e && !e->code)
        *e = ret->problems[0];
    return -1;
}
