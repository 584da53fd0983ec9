/* Reading a journal that an interrupted operation left. */
#define _GNU_SOURCE
#include <string.h>

#include "engine/txn/txn_int.h"

static int damaged(unsigned line, struct err *e)
{
    err_fact(e, FACT_FILE, "%s", TXN_LOG);
    err_fact(e, FACT_LINE, "%u", line);
    return err_cause(e, CAUSE_FILE_UNPARSABLE);
}

static int read_head(struct txn *t, const struct jsn *o)
{
    void *pos = NULL;
    const char *key;
    const struct jsn *value;
    const char *id = jsn_str(o, "id");
    if (jsn_int(o, "journal", 0) != 1 || !*id || strchr(id, '/'))
        return -1;
    t->kind = xstrdup(jsn_str(o, "kind"));
    t->id = xstrdup(id);
    while (jsn_next(jsn_get(o, "settings"), &pos, &key, &value))
        jsn_set_str(t->settings, key, jsn_text(value));
    return 0;
}

static int read_entry(struct txn *t, const struct jsn *o, const char *op)
{
    static const char *const ops[] = {"file", "remove", "link", "protect"};
    size_t k = 0;
    while (k < ARRAY_SIZE(ops) && strcmp(op, ops[k]) != 0)
        k++;
    if (k == ARRAY_SIZE(ops) || jsn_str(o, "real")[0] != '/' || jsn_str(o, "tmp")[0] != '/')
        return -1;
    struct txn_entry *en = txn_entry_add(t);
    en->op = (enum txn_op)k;
    en->path = xstrdup(jsn_str(o, "path"));
    en->real = xstrdup(jsn_str(o, "real"));
    en->tmp = xstrdup(jsn_str(o, "tmp"));
    en->flags = (unsigned)jsn_int(o, "flags", 0);
    en->old_kind = (enum host_kind)jsn_int(o, "old", HOST_ABSENT);
    en->old = (struct host_meta){
        .kind = en->old_kind,
        .mode = (mode_t)jsn_int(o, "mode", 0600),
        .uid = (uid_t)jsn_int(o, "uid", 0),
        .gid = (gid_t)jsn_int(o, "gid", 0),
    };
    en->old_target = xstrdup(jsn_str(o, "target"));
    return 0;
}

static int read_line(struct txn *t, const struct jsn *o)
{
    const char *note = jsn_str(o, "note"), *op = jsn_str(o, "stage"), *dir = jsn_str(o, "mkdir");
    if (!t->kind)
        return read_head(t, o);
    if (*note)
        jsn_set_str(t->facts, note, jsn_str(o, "value"));
    else if (*op)
        return read_entry(t, o, op);
    else if (*dir)
        strv_add(&t->dirs, dir);
    else if (jsn_get(o, "switch"))
        *(jsn_bool(o, "switch") ? &t->switched : &t->switch_begun) = true;
    else if (jsn_get(o, "undo"))
        t->undoing = true;
    else if (jsn_get(o, "restored"))
        t->restored = true;
    else if (jsn_get(o, "commit")) {
        t->committing = true;
        t->keep_record = jsn_bool(o, "commit");
    } else
        return -1;
    return 0;
}

/* A last line without its end was being written when the machine stopped: what it announces was not
 * begun. */
static int read_log(struct txn *t, const char *text, size_t len, struct err *e)
{
    unsigned no = 0;
    for (size_t i = 0; i < len;) {
        const char *nl = memchr(text + i, '\n', len - i);
        if (!nl)
            break;
        struct err mine = {0};
        AUTOJSN o = NULL;
        no++;
        if (jsn_parse(text + i, (size_t)(nl - (text + i)), &o, &mine) != 0 || read_line(t, o) != 0)
            return damaged(no, e);
        i = (size_t)(nl - text) + 1;
    }
    return 0;
}

/* New lines must not be glued to a torn one. */
static int cut_torn_line(struct txn *t, const char *text, size_t len, struct err *e)
{
    struct host_meta own = host_meta_own(0600);
    const char *nl = memrchr(text, '\n', len);
    size_t whole = nl ? (size_t)(nl - text) + 1 : 0;
    return whole == len ? 0 : host_replace(t->h, TXN_LOG, &own, text, whole, e);
}

int txn_recover_load(struct host *h, struct txn **ret, struct err *e)
{
    struct buf b = BUF_INIT(TXN_LOG_MAX);
    bool present;
    *ret = NULL;
    if (txn_clear_old_journal(h, e) != 0)
        return -1;
    int rc = host_read_opt(h, TXN_LOG, &b, &present, e);
    struct txn *t = txn_new(h);
    if (rc == 0 && present && b.len)
        rc = read_log(t, buf_text(&b), b.len, e);
    if (rc == 0 && t->kind)
        rc = cut_torn_line(t, buf_text(&b), b.len, e);
    else if (rc == 0)
        rc = host_remove_tree(h, TXN_JOURNAL, e); /* stopped before it began */
    buf_free(&b);
    if (rc == 0 && t->kind)
        *ret = t;
    else
        txn_free(t);
    return rc;
}
