/* The part of the proof that needs no network: names, files, identity service. */
#include <stdio.h>
#include <string.h>

#include "engine/conf/conf.h"
#include "engine/flow/proof.h"
#include "engine/model/settings_flags.h"

#define SSSD_CONF  "/etc/sssd/sssd.conf"
#define SSSCTL_MS  5000
#define FILES_TOLD 3

bool member_defers_names(const struct member *mb)
{
    return settings_defer_names(mb->asked_then);
}

static bool same_name(const char *host, const struct machine_names *n)
{
    size_t len = strcspn(host, ".");
    return len == strlen(n->label) && strncasecmp(host, n->label, len) == 0;
}

/* What runs now may differ until the restart; what the next start takes has to be right. */
void proof_host_name(struct proof *p)
{
    struct session *s = p->mb->s;
    struct err e = {0}, ignored = {0};
    AUTOFREE char *next = NULL;
    AUTOFREE char *now = NULL;
    if (host_static_hostname(s->target, &next, &ignored) < 0 ||
        host_get_hostname(s->target, &now, &ignored) < 0) {
        proof_add(p, CHECK_HOST_NAME, VERDICT_SKIPPED, MEND_NOTHING, NULL);
        return;
    }
    bool stays = !*next || same_name(next, &s->names), runs = same_name(now, &s->names);
    if (!stays || !runs)
        err_cause(&e, CAUSE_HOST_NAME_DIFFERS);
    err_fact(&e, FACT_NAME, "%s", stays ? now : next);
    if (e.code)
        err_fact(&e, FACT_NEEDS, "%s", s->names.label);
    proof_add(p, CHECK_HOST_NAME,
              !stays  ? VERDICT_WARNING
              : !runs ? VERDICT_NOTICE
                      : VERDICT_OK,
              MEND_FILES, &e);
}

/* What follows the network or has a verdict of its own says nothing here. */
static bool counts(const struct enroll_file *f)
{
    static const char *const not_these[] = {"/var/lib/sss/", "/var/lib/pam/", "/etc/hostname",
                                            "/etc/chrony", "/etc/systemd/timesyncd"};
    if (f->kind != ENROLL_FILE || !f->written)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(not_these); i++) {
        if (strncmp(f->path, not_these[i], strlen(not_these[i])) == 0)
            return false;
    }
    return true;
}

static void read_lines(struct host *h, const char *path, struct strv *lines)
{
    struct buf b = BUF_INIT(HOST_FILE_MAX);
    struct err ignored = {0};
    bool present;
    if (path && host_read_opt(h, path, &b, &present, &ignored) == 0 && b.len &&
        !memchr(b.data, 0, b.len))
        strv_split(lines, buf_text(&b), "\n");
    buf_free(&b);
}

/* Are all lines there that the join added? What the owner wrote beside them is the owner's. */
static bool still_there(struct host *h, const struct enroll_file *f)
{
    struct strv before = {0}, wrote = {0}, now = {0};
    bool all = host_exists(h, f->path);
    read_lines(h, f->backup, &before);
    read_lines(h, f->written, &wrote);
    read_lines(h, f->path, &now);
    for (size_t i = 0; i < wrote.n && all; i++)
        all = strv_has(&before, wrote.s[i]) || strv_has(&now, wrote.s[i]);
    strv_free(&before);
    strv_free(&wrote);
    strv_free(&now);
    return all;
}

void proof_files(struct proof *p)
{
    struct host *h = p->mb->s->target;
    const struct enroll_record *r = &p->mb->m.rec;
    struct buf names = BUF_INIT(4096);
    struct err e = {0};
    size_t differ = 0;
    if (p->mb->m.other_tool)
        return;
    for (size_t i = 0; i < r->n_files; i++) {
        if (!counts(&r->files[i]) || still_there(h, &r->files[i]))
            continue;
        if (differ++ < FILES_TOLD)
            buf_printf(&names, "%s%s", names.len ? " " : "", r->files[i].path);
    }
    if (differ) {
        err_cause(&e, CAUSE_FILES_DIFFER);
        err_fact(&e, FACT_FILE, "%s%s", buf_text(&names), differ > FILES_TOLD ? " ..." : "");
    }
    proof_add(p, CHECK_FILES, differ ? VERDICT_WARNING : VERDICT_OK, MEND_FILES, &e);
    buf_free(&names);
}

/* 1 yes, 0 no, -1 cannot be told. */
static int service_runs(struct session *s, const char *unit)
{
    const char *const argv[] = {"systemctl", "is-active", unit, NULL};
    struct host_cmd cmd = {.argv = argv, .timeout_ms = SSSCTL_MS, .cancel = s->cancel};
    struct host_result res = {0};
    struct err ignored = {0};
    int yes = -1;
    if (host_exec(s->target, &cmd, &res, &ignored) == 0 && res.ran == HOST_RAN)
        yes = res.status == 0;
    host_result_free(&res);
    return yes;
}

static void prove_online(struct proof *p)
{
    struct session *s = p->mb->s;
    const char *const argv[] = {"sssctl", "domain-status", "--online", p->mb->m.rec.domain, NULL};
    struct host_cmd cmd = {.argv = argv, .timeout_ms = SSSCTL_MS, .cancel = s->cancel};
    struct host_result res = {0};
    struct err e = {0}, ignored = {0};
    if (host_exec(s->target, &cmd, &res, &ignored) == 0 && res.ran == HOST_RAN && res.status == 0 &&
        strstr(buf_text(&res.out), "nline status:")) {
        bool online = strstr(buf_text(&res.out), "Online status: Online");
        if (!online)
            err_cause(&e, CAUSE_SSSD_OFFLINE);
        err_fact(&e, FACT_DOMAIN, "%s", p->mb->m.rec.domain);
        proof_add(p, CHECK_SSSD_ONLINE, online ? VERDICT_OK : VERDICT_WARNING, MEND_NOTHING, &e);
    } else {
        proof_add(p, CHECK_SSSD_ONLINE, VERDICT_SKIPPED, MEND_NOTHING, NULL);
    }
    host_result_free(&res);
}

static void prove_winbind(struct proof *p)
{
    struct session *s = p->mb->s;
    struct err e = {0};
    err_fact(&e, FACT_FILE, "%s", CONF_SMB);
    bool ok = host_exists(s->target, CONF_SMB);
    if (ok && host_is_live(s->target) && service_runs(s, "winbind") == 0) {
        ok = false;
        err_fact(&e, FACT_SERVICE, "winbind");
    }
    if (!ok)
        err_cause(&e, CAUSE_SERVICE_FAILED);
    proof_add(p, CHECK_SSSD, ok ? VERDICT_OK : VERDICT_FAIL, MEND_FILES, &e);
}

void proof_sssd(struct proof *p)
{
    struct session *s = p->mb->s;
    struct err e = {0}, f = {0};
    struct host_meta meta;
    if (str_eq(p->mb->m.rec.identity, "winbind")) {
        prove_winbind(p);
        return;
    }
    if (!str_eq(p->mb->m.rec.identity, "sssd"))
        return;
    err_fact(&e, FACT_FILE, "%s", SSSD_CONF);
    if (host_stat(s->target, SSSD_CONF, &meta, &f) < 0) {
        proof_add(p, CHECK_SSSD, VERDICT_SKIPPED, MEND_NOTHING, &e);
        return;
    }
    bool ok = meta.kind == HOST_FILE && (meta.mode & 077) == 0;
    if (ok && host_is_live(s->target) && service_runs(s, "sssd") == 0) {
        ok = false;
        err_fact(&e, FACT_SERVICE, "sssd");
    }
    if (!ok)
        err_cause(&e, CAUSE_SERVICE_FAILED);
    proof_add(p, CHECK_SSSD, ok ? VERDICT_OK : VERDICT_FAIL, MEND_FILES, &e);
    if (ok && host_is_live(s->target) && host_is_root(s->target))
        prove_online(p);
}
