/* Sending operations and collecting their answers. */
#define _GNU_SOURCE
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ber/control.h"
#include "engine/dir/private.h"

#define OID_SD_FLAGS     "1.2.840.113556.1.4.801"
#define OID_TREE_DELETE  "1.2.840.113556.1.4.805"
#define OID_DOMAIN_SCOPE "1.2.840.113556.1.4.1339"
#define OID_PAGED        "1.2.840.113556.1.4.319"

struct dir_mod *dir_mod(struct dir_op *op, enum dir_modkind kind, const char *attr)
{
    assert(op->n_mods < DIR_MODS);
    struct dir_mod *m = &op->mods[op->n_mods++];
    *m = (struct dir_mod){.kind = kind, .attr = attr};
    return m;
}

void dir_mod_text(struct dir_mod *m, const char *value)
{
    assert(m->n < DIR_MOD_VALS);
    m->vals[m->n++] = (struct dir_val){(const unsigned char *)value, strlen(value)};
}

void dir_mod_data(struct dir_mod *m, const void *value, size_t len)
{
    assert(m->n < DIR_MOD_VALS);
    m->vals[m->n++] = (struct dir_val){value, len};
}

void dir_mod_secret(struct dir_mod *m, const struct secret *value)
{
    assert(m->n < DIR_MOD_VALS);
    m->vals[m->n++] = (struct dir_val){value->data, value->len};
    m->secret = true;
}

static bool has_secret(const struct dir_op *op)
{
    for (size_t i = 0; i < op->n_mods; i++) {
        if (op->mods[i].secret)
            return true;
    }
    return false;
}

/* libldap's shape of the changes, pointing at the caller's values: nothing secret is copied here.
 */
struct mod_shape {
    LDAPMod mod[DIR_MODS], *list[DIR_MODS + 1];
    struct berval val[DIR_MODS][DIR_MOD_VALS], *vals[DIR_MODS][DIR_MOD_VALS + 1];
};

static void shape_mod(struct mod_shape *s, size_t i, const struct dir_mod *m, bool add)
{
    static const int kinds[] = {LDAP_MOD_ADD, LDAP_MOD_DELETE, LDAP_MOD_REPLACE};
    size_t n = m->n < DIR_MOD_VALS ? m->n : DIR_MOD_VALS;
    for (size_t j = 0; j < n; j++) {
        s->val[i][j] =
            (struct berval){.bv_len = m->vals[j].len, .bv_val = (char *)(uintptr_t)m->vals[j].data};
        s->vals[i][j] = &s->val[i][j];
    }
    s->vals[i][n] = NULL;
    s->mod[i].mod_op = (add ? LDAP_MOD_ADD : kinds[m->kind]) | LDAP_MOD_BVALUES;
    s->mod[i].mod_type = (char *)(uintptr_t)m->attr;
    s->mod[i].mod_bvalues = n ? s->vals[i] : NULL;
    s->list[i] = &s->mod[i];
}

static struct mod_shape *shape_mods(const struct dir_op *op)
{
    struct mod_shape *s = xcalloc(1, sizeof *s);
    for (size_t i = 0; i < op->n_mods; i++)
        shape_mod(s, i, &op->mods[i], op->kind == DIR_ADD);
    return s;
}

struct ctrl_shape {
    LDAPControl ctrl[3], *list[4];
    size_t n;
    struct buf sd;
    struct berval page;
};

static void add_ctrl(struct ctrl_shape *c, const char *oid, struct berval value, bool critical)
{
    LDAPControl *l = &c->ctrl[c->n];
    *l = (LDAPControl){
        .ldctl_oid = (char *)(uintptr_t)oid, .ldctl_value = value, .ldctl_iscritical = critical};
    c->list[c->n++] = l;
}

static int search_ctrls(struct dir *d, const struct dir_op *op, struct ctrl_shape *c)
{
    if (op->base && op->base[0])
        add_ctrl(c, OID_DOMAIN_SCOPE, (struct berval){0}, false);
    if (op->sd_flags) {
        c->sd = BUF_INIT(64);
        if (ber_sd_flags(op->sd_flags, &c->sd) < 0)
            return -1;
        add_ctrl(c, OID_SD_FLAGS,
                 (struct berval){.bv_len = c->sd.len, .bv_val = (char *)c->sd.data}, true);
    }
    if (op->page) {
        struct berval cookie = {.bv_len = op->cookie.len,
                                .bv_val = (char *)(uintptr_t)op->cookie.data};
        if (ldap_create_page_control_value(d->ld, (ber_int_t)op->page, &cookie, &c->page) !=
            LDAP_SUCCESS)
            return -1;
        add_ctrl(c, OID_PAGED, c->page, true);
    }
    return 0;
}

static int send_search(struct dir *d, struct dir_op *op)
{
    static const int scopes[] = {LDAP_SCOPE_BASE, LDAP_SCOPE_ONELEVEL, LDAP_SCOPE_SUBTREE};
    struct ctrl_shape c = {0};
    struct timeval limit = {.tv_sec = op->time_limit};
    int rc = LDAP_NO_MEMORY;
    if (search_ctrls(d, op, &c) == 0)
        rc = ldap_search_ext(d->ld, op->base ? op->base : "", scopes[op->scope],
                             op->filter ? op->filter : "(objectClass=*)",
                             (char **)(uintptr_t)op->attrs, 0, c.n ? c.list : NULL, NULL,
                             op->time_limit ? &limit : NULL, LDAP_NO_LIMIT, &op->msgid);
    ldap_memfree(c.page.bv_val);
    buf_free(&c.sd);
    return rc;
}

static int send_write(struct dir *d, struct dir_op *op)
{
    struct mod_shape *s = shape_mods(op);
    int rc = op->kind == DIR_ADD
                 ? ldap_add_ext(d->ld, op->base, s->list, NULL, NULL, &op->msgid)
                 : ldap_modify_ext(d->ld, op->base, s->list, NULL, NULL, &op->msgid);
    free(s);
    return rc;
}

static int send_once(struct dir *d, struct dir_op *op)
{
    if (op->kind == DIR_SEARCH)
        return send_search(d, op);
    if (op->kind == DIR_ADD || op->kind == DIR_MODIFY)
        return send_write(d, op);
    if (op->kind == DIR_COMPARE) {
        struct berval v = {.bv_len = op->cmp_val.len,
                           .bv_val = (char *)(uintptr_t)op->cmp_val.data};
        return ldap_compare_ext(d->ld, op->base, op->cmp_attr, &v, NULL, NULL, &op->msgid);
    }
    if (op->kind == DIR_RENAME)
        return ldap_rename(d->ld, op->base, op->new_rdn, NULL, 1, NULL, NULL, &op->msgid);
    LDAPControl tree = {.ldctl_oid = (char *)(uintptr_t)OID_TREE_DELETE, .ldctl_iscritical = 1};
    LDAPControl *list[2] = {&tree, NULL};
    return ldap_delete_ext(d->ld, op->base, op->tree_delete ? list : NULL, NULL, &op->msgid);
}

/* A request that libldap could not even encode: our mistake, or a filter built from nonsense. */
static int not_sendable(int rc, struct err *e)
{
    err_cause(e, rc == LDAP_NO_MEMORY ? CAUSE_OUT_OF_MEMORY : CAUSE_INTERNAL);
    return err_foreign(e, ERR_SRC_LDAP, rc, "%s", ldap_err2string(rc));
}

int dir_send(struct dir *d, struct dir_op *op, struct err *e)
{
    struct dir_wait w = {.deadline = dir_now_ms() + d->timeout_ms};
    if (has_secret(op))
        dir_wiping(d, true);
    if (d->dead)
        return dir_broken(d, LDAP_SERVER_DOWN, e);
    if (d->n_inflight >= DIR_INFLIGHT_MAX)
        return err_cause(e, CAUSE_INTERNAL);
    for (;;) {
        int rc = send_once(d, op);
        if (rc == LDAP_SUCCESS)
            break;
        if (rc == LDAP_BUSY) {
            if (dir_wait_writable(d, &w, e) < 0)
                return -1;
            continue;
        }
        if (rc != LDAP_SERVER_DOWN && rc != LDAP_CONNECT_ERROR)
            return not_sendable(rc, e);
        op->sent = true; /* a part may have arrived */
        return dir_broken(d, rc, e);
    }
    op->sent = true;
    op->done = false;
    op->owner = d;
    d->inflight[d->n_inflight++] = op;
    return 0;
}

static void forget(struct dir *d, struct dir_op *op)
{
    for (size_t i = 0; i < d->n_inflight; i++) {
        if (d->inflight[i] == op) {
            d->inflight[i] = d->inflight[--d->n_inflight];
            break;
        }
    }
    op->owner = NULL;
}

static void abandon(struct dir *d, struct dir_op *op)
{
    if (!d->dead)
        ldap_abandon_ext(d->ld, op->msgid, NULL, NULL);
    forget(d, op);
}

static bool secrets_under_way(const struct dir *d)
{
    for (size_t i = 0; i < d->n_inflight; i++) {
        if (has_secret(d->inflight[i]))
            return true;
    }
    return false;
}

static char *take_text(char *s)
{
    char *copy = s && *s ? xstrdup(s) : NULL;
    ldap_memfree(s);
    return copy;
}

static void take_cookie(struct dir *d, struct dir_op *op, LDAPControl **ctrls)
{
    LDAPControl *c = ctrls ? ldap_control_find(OID_PAGED, ctrls, NULL) : NULL;
    struct berval cookie = {0};
    ber_int_t estimate;
    free((void *)(uintptr_t)op->cookie.data);
    op->cookie = (struct dir_val){0};
    if (!c || ldap_parse_pageresponse_control(d->ld, c, &estimate, &cookie) != LDAP_SUCCESS)
        return;
    if (cookie.bv_len > 0 && cookie.bv_len <= 64 * 1024) {
        unsigned char *copy = xcalloc(1, cookie.bv_len);
        memcpy(copy, cookie.bv_val, cookie.bv_len);
        op->cookie = (struct dir_val){copy, cookie.bv_len};
    } else if (cookie.bv_len > 0) {
        op->cut = true; /* there is more, but not with a cookie of that size */
    }
    ldap_memfree(cookie.bv_val);
}

static unsigned entry_limit(const struct dir_op *op)
{
    return op->limit && op->limit < DIR_ENTRIES_MAX ? op->limit : DIR_ENTRIES_MAX;
}

static int take_result(struct dir *d, struct dir_op *op, LDAPMessage *msg, struct err *e)
{
    char *matched = NULL, *diag = NULL, **refs = NULL;
    LDAPControl **ctrls = NULL;
    int rc = LDAP_OTHER;
    int parsed = ldap_parse_result(d->ld, msg, &rc, &matched, &diag, &refs, &ctrls, 0);
    free(op->matched);
    free(op->diag);
    op->matched = take_text(matched);
    op->diag = take_text(diag);
    op->referral |= refs != NULL || rc == LDAP_REFERRAL;
    op->rc = rc;
    if (op->page)
        take_cookie(d, op, ctrls);
    ldap_memvfree((void **)refs);
    ldap_controls_free(ctrls);
    forget(d, op);
    if (parsed != LDAP_SUCCESS)
        return dir_broken(d, LDAP_DECODING_ERROR, e);
    if (rc == LDAP_SUCCESS && op->cookie.len) {
        if (op->n_entries < entry_limit(op))
            return dir_send(d, op, e);
        op->cut = true;
    }
    op->done = true;
    /* libldap has freed the request before it gave us the answer. */
    if (has_secret(op) && !secrets_under_way(d))
        dir_wiping(d, false);
    return 0;
}

static struct dir_op *find_op(struct dir *d, int msgid)
{
    for (size_t i = 0; i < d->n_inflight; i++) {
        if (d->inflight[i]->msgid == msgid)
            return d->inflight[i];
    }
    return NULL;
}

static void cut_short(struct dir *d, struct dir_op *op)
{
    op->cut = true;
    op->rc = LDAP_SIZELIMIT_EXCEEDED;
    abandon(d, op);
    op->done = true;
}

static int take_message(struct dir *d, LDAPMessage *msg, struct err *e)
{
    struct dir_op *op = find_op(d, ldap_msgid(msg));
    int type = ldap_msgtype(msg);
    if (!op || type == LDAP_RES_INTERMEDIATE)
        return 0;
    if (type == LDAP_RES_SEARCH_REFERENCE) {
        op->referral = true;
        return 0;
    }
    if (type != LDAP_RES_SEARCH_ENTRY)
        return take_result(d, op, msg, e);
    if (op->kind != DIR_SEARCH)
        return dir_broken(d, LDAP_DECODING_ERROR, e);
    unsigned limit = entry_limit(op);
    if (op->n_entries >= limit || op->bytes > DIR_BYTES_MAX) {
        cut_short(d, op);
        return 0;
    }
    if (dir_entry_add(op, d->ld, msg, limit, e) < 0) {
        d->dead = true;
        err_fact(e, FACT_SERVER, "%s", d->host);
        return -1;
    }
    return 0;
}

static bool all_done(struct dir_op *const *ops, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ops[i]->owner && !ops[i]->done)
            return false;
    }
    return true;
}

int dir_collect(struct dir *d, struct dir_op *const *ops, size_t n, int timeout_ms, struct err *e)
{
    struct dir_wait w = {.deadline = dir_now_ms() + (timeout_ms > 0 ? timeout_ms : d->timeout_ms)};
    for (size_t i = 0; i < n; i++) {
        if (ops[i]->grace_ms > w.grace_ms)
            w.grace_ms = ops[i]->grace_ms;
    }
    int rc = 0;
    while (rc == 0 && !all_done(ops, n)) {
        LDAPMessage *msg = NULL;
        rc = dir_next(d, LDAP_RES_ANY, &w, &msg, e);
        if (rc == 0)
            rc = take_message(d, msg, e);
        ldap_msgfree(msg);
    }
    for (size_t i = 0; rc < 0 && i < n; i++) {
        if (ops[i]->owner == d && !ops[i]->done)
            abandon(d, ops[i]);
    }
    return rc;
}

int dir_collect_any(struct dir *d, int timeout_ms, struct err *e)
{
    struct dir_wait w = {.deadline = dir_now_ms() + (timeout_ms > 0 ? timeout_ms : d->timeout_ms)};
    size_t before = d->n_inflight;
    LDAPMessage *msg = NULL;
    int rc = 0;
    while (rc == 0 && before && d->n_inflight >= before) {
        rc = dir_next(d, LDAP_RES_ANY, &w, &msg, e);
        if (rc == 0)
            rc = take_message(d, msg, e);
        ldap_msgfree(msg);
    }
    while (rc == 0 && d->n_inflight && dir_arrived(d, &msg)) {
        rc = take_message(d, msg, e);
        ldap_msgfree(msg);
    }
    return rc;
}

int dir_run(struct dir *d, struct dir_op *const *ops, size_t n, struct err *e)
{
    size_t sent = 0;
    int rc = cancel_check(d->cancel, e);
    if (rc == 0)
        dir_cork(d, true);
    while (rc == 0 && sent < n)
        rc = dir_send(d, ops[sent++], e);
    dir_cork(d, false);
    if (rc == 0)
        return dir_collect(d, ops, n, 0, e);
    for (size_t i = 0; i < sent; i++) {
        if (ops[i]->owner == d)
            abandon(d, ops[i]);
    }
    return -1;
}

int dir_run1(struct dir *d, struct dir_op *op, struct err *e)
{
    return dir_run(d, &op, 1, e);
}
