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
        {HOST_KEYTAB, HOST_WHAT_KEYTAB},
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
        *ret = res.conflicts ? conf_forget(f->path, buf_text(&b), old, &pl->rec)
                             : xstrdup(buf_text(&b));
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
    if (f->backup && !old) {
        /* The copy of the old contents is gone: what is there now is all there is. */
        *ret = xstrdup(now);
        if (conflicts)
            *conflicts = 1;
        return 0;
    }
    crypto_sha256_hex(now, strlen(now), sum);
    if (strcmp(sum, f->sha256) != 0)
        return merged(pl, f, now, old, ret, conflicts, kept, e);
    *ret = TAKE(old);
    return 0;
}

/* Where the file's contents are. The owner may have put a link in its place, or something that is
 * no file at all: that is not ours to touch, *real NULL. */
static int find_contents(struct planner *pl, const char *path, char **real, struct host_meta *m,
                         struct err *e)
{
    struct err ignored = {0};
    *real = NULL;
    if (host_lstat(pl->h, path, m, e) != 0)
        return -1;
    if (m->kind == HOST_LINK && (host_resolve(pl->h, path, real, &ignored) != 0 ||
                                 host_lstat(pl->h, *real, m, &ignored) != 0)) {
        free(TAKE(*real));
        m->kind = HOST_OTHER;
    }
    if (m->kind == HOST_FILE && !*real)
        *real = xstrdup(path);
    if (m->kind != HOST_FILE)
        free(TAKE(*real));
    return 0;
}

/* Permissions that the owner gave since stay. */
static mode_t mode_back(const struct enroll_file *f, const struct host_meta *m)
{
    bool owners = f->new_mode && m->mode != f->new_mode;
    return f->backup && !owners ? f->mode : m->mode;
}

static void leave_as_it_is(struct planner *pl, const struct enroll_file *f)
{
    plan_add(pl, HOST_CHANGE_OWNER, plan_what_of(f->path), f->path)->note =
        N_("Left as it is: it was replaced since by something else.");
}

/* A file of the owner's that we had removed comes back. */
static int bring_back(struct planner *pl, const struct enroll_file *f, struct err *e)
{
    AUTOFREE char *after = NULL;
    if (!f->backup || *f->sha256)
        return 0; /* the owner removed it */
    if (plan_read(pl, f->backup, &after, e) != 0)
        return -1;
    if (after) {
        struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, plan_what_of(f->path), f->path);
        c->after = TAKE(after);
        c->mode = f->mode;
    }
    return 0;
}

int plan_undo_file(struct planner *pl, const struct enroll_file *f, struct err *e)
{
    AUTOFREE char *now = NULL;
    AUTOFREE char *after = NULL;
    AUTOFREE char *real = NULL;
    struct host_meta m;
    struct strv kept = {0};
    unsigned conflicts = 0;
    if (find_contents(pl, f->path, &real, &m, e) != 0)
        return -1;
    if (m.kind == HOST_ABSENT)
        return bring_back(pl, f, e);
    if (!real || plan_read(pl, real, &now, e) != 0) {
        if (pl->s && real) /* a join must not go on over what it cannot read */
            return -1;
        err_reset(e);
        leave_as_it_is(pl, f);
        return 0;
    }
    int rc = plan_undo_ours(pl, f, now, &after, &conflicts, &kept, e);
    mode_t mode = after ? mode_back(f, &m) : 0;
    if (rc == 0 && (!str_eq(now, after) || mode != m.mode)) {
        /* Where a link stands now, it stays: our contents behind it go. */
        struct host_change *c =
            plan_add(pl, HOST_CHANGE_FILE, plan_what_of(f->path), after ? f->path : real);
        c->before = TAKE(now);
        c->after = TAKE(after);
        c->mode = mode;
        c->only_mode = true;
        c->conflicts = conflicts;
        c->kept = kept;
        return 0;
    }
    strv_free(&kept);
    return rc;
}

/* Only the link that we made: the owner may have masked the service, or point it elsewhere. */
static void leave_link(struct planner *pl, const struct enroll_file *f)
{
    AUTOFREE char *target = NULL;
    struct err ignored = {0};
    if (host_readlink(pl->h, f->path, &target, &ignored) != 0)
        return;
    const char *is = strrchr(target, '/'), *was = f->target ? strrchr(f->target, '/') : is;
    if (str_eq(is ? is : target, was ? was : f->target))
        plan_add(pl, HOST_CHANGE_FILE, plan_what_of(f->path), f->path)->before = xstrdup("");
}

static int leave_keytab(struct planner *pl, const struct enroll_file *f, const void *keytab,
                        size_t len, struct err *e)
{
    AUTOFREE char *real = NULL;
    struct host_meta m;
    if (find_contents(pl, f->path, &real, &m, e) != 0)
        return -1;
    if (m.kind != HOST_FILE) {
        if (m.kind != HOST_ABSENT)
            leave_as_it_is(pl, f);
        return 0;
    }
    struct host_change *c =
        plan_add(pl, HOST_CHANGE_FILE, HOST_WHAT_KEYTAB, keytab ? f->path : real);
    c->secret = true;
    c->flags = TXN_FILE_SECRET;
    if (keytab) {
        c->bytes = xcalloc(1, len + 1);
        memcpy(c->bytes, keytab, len);
        c->n_bytes = len;
        c->mode = mode_back(f, &m);
    }
    return 0;
}

static int leave_file(struct planner *pl, const struct enroll_file *f, const void *keytab,
                      size_t len, struct err *e)
{
    switch (f->kind) {
    case ENROLL_FILE:
        return plan_undo_file(pl, f, e);
    case ENROLL_LINK:
        leave_link(pl, f);
        return 0;
    case ENROLL_SECRET:
        return leave_keytab(pl, f, keytab, len, e);
    }
    return 0;
}

/* SSSD's databases hold the domain's users and hashes of their passwords. */
static void drop_one(struct planner *pl, const char *path)
{
    if (host_exists(pl->h, path))
        plan_add(pl, HOST_CHANGE_DROP, HOST_WHAT_CLEAR_CACHE, path);
}

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
        if (!strpbrk(d, "/") && !strpbrk(r, "/"))
            drop_one(pl, paths[i]);
        free(paths[i]);
    }
    if (str_eq(pl->rec.identity, "winbind"))
        drop_one(pl, SAMBA_SECRETS);
}

/* The change of a file; NULL when there is none. */
static const struct host_change *change_of(const struct planner *pl, const char *path)
{
    for (size_t i = 0; i < pl->p->n; i++) {
        if (str_eq(pl->p->changes[i].path, path) && pl->p->changes[i].kind == HOST_CHANGE_FILE)
            return &pl->p->changes[i];
    }
    return NULL;
}

/* What the file says once the plan is carried out, which a recovery may find done already; NULL
 * when it is not there then. */
static char *text_then(struct planner *pl, const char *path)
{
    const struct host_change *c = change_of(pl, path);
    char *text = NULL;
    struct err ignored = {0};
    if (c)
        return c->after ? xstrdup(c->after) : NULL;
    (void)!plan_read(pl, path, &text, &ignored);
    return text;
}

/* The running name is the static one again. */
static void leave_name(struct planner *pl)
{
    AUTOFREE char *text = text_then(pl, CONF_HOSTNAME);
    AUTOFREE char *running = NULL;
    struct err ignored = {0};
    if (!text || !enroll_record_file(&pl->rec, CONF_HOSTNAME) ||
        host_get_hostname(pl->h, &running, &ignored) != 0)
        return;
    AUTOFREE char *name = xstrndup(text, strcspn(text, "\n"));
    if (!*name || *name == '#' || str_eq(name, running))
        return;
    struct host_change *c = plan_add(pl, HOST_CHANGE_NAME, HOST_WHAT_SET_NAME, NULL);
    c->before = TAKE(running);
    c->after = TAKE(name);
}

static void leave_services(struct planner *pl)
{
    if (!pl->live)
        return;
    leave_name(pl);
    if (!pl->restart)
        return;
    if (str_eq(pl->rec.identity, "winbind")) {
        static const char *const argv[] = {"systemctl", "stop", "winbind.service", NULL};
        plan_command(pl, HOST_WHAT_RESTART, argv);
    }
    if (enroll_record_file(&pl->rec, CONF_SSSD)) {
        AUTOFREE char *text = text_then(pl, CONF_SSSD);
        const char *const argv[] = {"systemctl", text ? "restart" : "stop", "sssd.service", NULL};
        plan_command(pl, HOST_WHAT_RESTART, argv);
    }
    for (size_t i = 0; i < pl->rec.n_files; i++) {
        const char *path = pl->rec.files[i].path;
        if (plan_what_of(path) != HOST_WHAT_TIME)
            continue;
        const char *const argv[] = {
            "systemctl", "try-restart",
            strstr(path, "chrony") ? "chrony.service" : "systemd-timesyncd.service", NULL};
        plan_command(pl, HOST_WHAT_RESTART, argv);
        break;
    }
}

static bool changed_since(struct planner *pl, const struct enroll_file *f)
{
    AUTOFREE char *now = NULL;
    char sum[CRYPTO_SHA256_HEX] = "";
    struct err ignored = {0};
    if (plan_read(pl, f->path, &now, &ignored) != 0)
        return true;
    if (now)
        crypto_sha256_hex(now, strlen(now), sum);
    return strcmp(sum, f->sha256) != 0;
}

static bool pam_changed_since(struct planner *pl)
{
    for (size_t i = 0; i < pl->rec.n_files; i++) {
        if (plan_is_pam(pl->rec.files[i].path) && changed_since(pl, &pl->rec.files[i]))
            return true;
    }
    return false;
}

int hostplan_leave(struct host *h, const struct enroll_record *rec, const void *keytab,
                   size_t keytab_len, bool restart, struct hostplan *ret, struct err *e)
{
    struct planner pl = {
        .h = h, .p = ret, .rec = *rec, .live = host_is_live(h), .restart = restart};
    *ret = (struct hostplan){0};
    bool by_tool = pam_changed_since(&pl);
    if (by_tool)
        plan_pam_leave(&pl);
    for (size_t i = 0; i < rec->n_files; i++) {
        struct err mine = {0};
        if (by_tool && plan_is_pam(rec->files[i].path))
            continue;
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
