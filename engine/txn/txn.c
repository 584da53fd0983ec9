/* Beginning, noting and staging. */
#include "engine/txn/txn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/conf/merge3.h"
#include "engine/crypto/crypto.h"
#include "engine/txn/txn_int.h"

void (*txn_test_hook)(const char *point);

void txn_point(const char *what, size_t n)
{
    char name[64];
    if (!txn_test_hook)
        return;
    snprintf(name, sizeof name, "%s %zu", what, n);
    txn_test_hook(name);
}

char *txn_file(const char *what, size_t n)
{
    return xasprintf("%s/%s.%zu", TXN_JOURNAL, what, n);
}

struct txn *txn_new(struct host *h)
{
    struct txn *t = xcalloc(1, sizeof *t);
    t->h = h;
    t->settings = jsn_object();
    t->facts = jsn_object();
    return t;
}

void txn_free(struct txn *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n; i++) {
        free(t->entries[i].path);
        free(t->entries[i].real);
        free(t->entries[i].tmp);
        free(t->entries[i].old_target);
    }
    free(t->entries);
    strv_free(&t->dirs);
    jsn_free(t->settings);
    jsn_free(t->facts);
    free(t->kind);
    free(t->id);
    free(t);
}

int txn_log(struct txn *t, struct jsn *line, struct err *e)
{
    AUTOFREE char *text = jsn_line(line);
    AUTOFREE char *full = xasprintf("%s\n", text);
    jsn_free(line);
    return host_append(t->h, TXN_LOG, full, strlen(full), e);
}

int txn_log_mark(struct txn *t, const char *key, bool value, struct err *e)
{
    struct jsn *o = jsn_object();
    jsn_set_bool(o, key, value);
    return txn_log(t, o, e);
}

bool txn_pending(struct host *h)
{
    struct host_meta m;
    struct err ignored = {0};
    return host_lstat(h, TXN_LOG, &m, &ignored) == 0 && m.kind == HOST_FILE && m.size > 0;
}

int txn_begin(struct host *h, const char *kind, const struct txn_kv *settings, size_t n,
              struct txn **ret, struct err *e)
{
    struct host_meta own = host_meta_own(0600);
    if (txn_pending(h)) {
        err_fact(e, FACT_FILE, "%s", TXN_LOG);
        return err_cause(e, CAUSE_JOURNAL_PENDING);
    }
    /* What is left of a journal without a first line belongs to an operation that never began. */
    if (txn_clear_old_journal(h, e) != 0 || host_remove_tree(h, TXN_JOURNAL, e) != 0 ||
        host_mkdir_p(h, TXN_DIR, 0700, e) != 0 || host_mkdir_p(h, TXN_JOURNAL, 0700, e) != 0)
        return -1;
    txn_point("begin dir", 0);
    unsigned char random[4];
    if (crypto_random(random, sizeof random, e) != 0)
        return -1;
    struct txn *t = txn_new(h);
    t->kind = xstrdup(kind);
    t->id = xasprintf("%lld-%02x%02x%02x%02x", (long long)host_now(h), random[0], random[1],
                      random[2], random[3]);
    for (size_t i = 0; i < n; i++)
        jsn_set_str(t->settings, settings[i].key, settings[i].value ? settings[i].value : "");
    AUTOJSN head = jsn_object();
    jsn_set_int(head, "journal", 1);
    jsn_set_str(head, "kind", kind);
    jsn_set_str(head, "id", t->id);
    struct jsn *copy = jsn_object();
    for (size_t i = 0; i < n; i++)
        jsn_set_str(copy, settings[i].key, settings[i].value ? settings[i].value : "");
    jsn_set(head, "settings", copy);
    AUTOFREE char *text = jsn_line(head);
    AUTOFREE char *line = xasprintf("%s\n", text);
    if (host_write_new(h, TXN_LOG, &own, NULL, line, strlen(line), e) != 0) {
        struct err ignored = {0};
        (void)!host_remove_tree(h, TXN_JOURNAL, &ignored);
        txn_free(t);
        return -1;
    }
    txn_point("begin log", 0);
    *ret = t;
    return 0;
}

int txn_note(struct txn *t, const char *key, const char *value, struct err *e)
{
    struct jsn *o = jsn_object();
    jsn_set_str(o, "note", key);
    jsn_set_str(o, "value", value);
    if (txn_log(t, o, e) != 0)
        return -1;
    jsn_set_str(t->facts, key, value);
    txn_point("note", 0);
    return 0;
}

int txn_step(struct txn *t, int number, struct err *e)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    return txn_note(t, TXN_STEP, text, e);
}

const char *txn_fact(const struct txn *t, const char *key)
{
    return jsn_text(jsn_get(t->facts, key));
}

const char *txn_setting(const struct txn *t, const char *key)
{
    return jsn_text(jsn_get(t->settings, key));
}

const char *txn_kind(const struct txn *t)
{
    return t->kind;
}

struct host *txn_host(const struct txn *t)
{
    return t->h;
}

enum txn_state txn_state(const struct txn *t)
{
    if (t->committing)
        return TXN_COMMITTING;
    if (t->undoing)
        return TXN_UNDOING;
    if (t->switched)
        return TXN_SWITCHED;
    if (t->switch_begun)
        return TXN_SWITCHING;
    if (txn_fact(t, TXN_ADD_SENT) || txn_fact(t, TXN_RESET_SENT))
        return TXN_DIRECTORY;
    return TXN_STAGED;
}

int txn_stage_secret(struct txn *t, const struct secret *s, struct err *e)
{
    struct host_meta own = host_meta_own(0600);
    if (host_remove_wipe(t->h, TXN_SECRET, e) != 0 ||
        host_write_new(t->h, TXN_SECRET, &own, NULL, s->data, s->len, e) != 0)
        return -1;
    txn_point("secret", 0);
    return 0;
}

int txn_secret(struct txn *t, struct secret *ret, struct err *e)
{
    struct buf b = BUF_SECRET(SECRET_MAX);
    bool present;
    secret_wipe(ret);
    int rc = host_read_opt(t->h, TXN_SECRET, &b, &present, e);
    if (rc == 0 && present && secret_set(ret, buf_text(&b), b.len) != 0)
        rc = err_cause(e, CAUSE_OUT_OF_MEMORY);
    buf_free(&b);
    return rc;
}

int txn_slurp(struct host *h, const char *path, struct buf *ret, bool *present, struct err *e)
{
    *ret = BUF_SECRET(HOST_FILE_MAX);
    int rc = host_read_opt(h, path, ret, present, e);
    if (rc == 0)
        buf_put(ret, "", 0);
    return rc;
}

bool txn_is_text(const struct buf *b)
{
    return !b->len || !memchr(b->data, 0, b->len);
}

int txn_merge(const struct buf *base, const struct buf *mine, const struct buf *theirs,
              struct buf *ret, struct err *e)
{
    struct merge3_result res;
    *ret = BUF_SECRET(HOST_FILE_MAX);
    int rc = merge3((const char *)base->data, (const char *)mine->data, (const char *)theirs->data,
                    ret, &res);
    merge3_result_free(&res);
    return rc == 0 ? 0 : err_cause(e, CAUSE_INTERNAL);
}

int txn_clear_old_journal(struct host *h, struct err *e)
{
    struct host_meta m;
    if (host_lstat(h, TXN_OLD_JOURNAL, &m, e) != 0)
        return -1;
    return m.kind == HOST_ABSENT ? 0 : host_remove_tree(h, TXN_OLD_JOURNAL, e);
}

int txn_end_journal(struct txn *t, struct err *e)
{
    if (host_remove_wipe(t->h, TXN_SECRET, e) != 0)
        return -1;
    txn_point("end wiped", 0);
    if (txn_clear_old_journal(t->h, e) != 0 ||
        host_rename(t->h, TXN_JOURNAL, TXN_OLD_JOURNAL, e) != 0)
        return -1;
    txn_point("end renamed", 0);
    struct err late = {0};
    /* The operation is over: what cannot be removed now goes with the next one. */
    if (txn_clear_old_journal(t->h, &late) != 0)
        err_fact(e, FACT_LEFT, "%s", TXN_OLD_JOURNAL);
    txn_point("end", 0);
    return 0;
}
