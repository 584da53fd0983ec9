#include "engine/txn/record.h"

#include <string.h>

#include "engine/json/json.h"
#include "engine/txn/txn.h"

#define RECORD_MAX (1u << 20)

/* The plain strings of the record, under their names in the file. */
static const struct {
    const char *key;
    size_t offset;
} strings[] = {
    {"domain", offsetof(struct enroll_record, domain)},
    {"realm", offsetof(struct enroll_record, realm)},
    {"netbios", offsetof(struct enroll_record, netbios)},
    {"computer", offsetof(struct enroll_record, computer)},
    {"fqdn", offsetof(struct enroll_record, fqdn)},
    {"account_dn", offsetof(struct enroll_record, account_dn)},
    {"guid", offsetof(struct enroll_record, guid)},
    {"sid", offsetof(struct enroll_record, sid)},
    {"site", offsetof(struct enroll_record, site)},
    {"controller", offsetof(struct enroll_record, controller)},
    {"identity", offsetof(struct enroll_record, identity)},
    {"account", offsetof(struct enroll_record, account)},
    {"answers", offsetof(struct enroll_record, answers)},
    {"old_hostname", offsetof(struct enroll_record, old_hostname)},
};

static const char *const kinds[] = {"file", "link", "secret"};

static char **string_at(const struct enroll_record *r, size_t i)
{
    return (char **)(void *)((char *)(uintptr_t)r + strings[i].offset);
}

static struct jsn *file_json(const struct enroll_file *f)
{
    struct jsn *o = jsn_object();
    jsn_set_str(o, "kind", kinds[f->kind]);
    jsn_set_str(o, "path", f->path);
    jsn_set_str(o, "sha256", f->sha256 ? f->sha256 : "");
    if (f->written)
        jsn_set_str(o, "written", f->written);
    if (f->backup) {
        jsn_set_str(o, "backup", f->backup);
        jsn_set_int(o, "mode", f->mode);
        jsn_set_int(o, "uid", f->uid);
        jsn_set_int(o, "gid", f->gid);
    }
    if (f->new_mode)
        jsn_set_int(o, "new_mode", f->new_mode);
    if (f->target)
        jsn_set_str(o, "target", f->target);
    return o;
}

static void set_list(struct jsn *o, const char *key, const struct strv *v)
{
    struct jsn *a = jsn_array();
    for (size_t i = 0; i < v->n; i++)
        jsn_add_str(a, v->s[i]);
    jsn_set(o, key, a);
}

static void get_list(const struct jsn *o, const char *key, struct strv *v)
{
    const struct jsn *a = jsn_get(o, key);
    for (size_t i = 0; i < jsn_count(a); i++) {
        if (jsn_text(jsn_at(a, i)))
            strv_add(v, jsn_text(jsn_at(a, i)));
    }
}

char *enroll_record_text(const struct enroll_record *r)
{
    AUTOJSN o = jsn_object();
    jsn_set_int(o, "version", 1);
    for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
        jsn_set_str(o, strings[i].key, *string_at(r, i) ? *string_at(r, i) : "");
    jsn_set_int(o, "joined_at", r->joined_at);
    jsn_set_int(o, "kvno", r->kvno);
    jsn_set_bool(o, "created", r->created);
    struct jsn *files = jsn_array();
    for (size_t i = 0; i < r->n_files; i++)
        jsn_add(files, file_json(&r->files[i]));
    set_list(o, "services", &r->services);
    set_list(o, "dirs", &r->dirs);
    set_list(o, "former", &r->former);
    jsn_set(o, "files", files);
    return jsn_line(o);
}

static char *opt(const struct jsn *o, const char *key)
{
    const char *s = jsn_str(o, key);
    return *s ? xstrdup(s) : NULL;
}

static int parse_file(const struct jsn *o, struct enroll_file *f)
{
    const char *kind = jsn_str(o, "kind");
    size_t k = 0;
    while (k < ARRAY_SIZE(kinds) && strcmp(kind, kinds[k]) != 0)
        k++;
    if (k == ARRAY_SIZE(kinds) || jsn_str(o, "path")[0] != '/')
        return -1;
    *f = (struct enroll_file){
        .kind = (enum enroll_file_kind)k,
        .path = xstrdup(jsn_str(o, "path")),
        .sha256 = xstrdup(jsn_str(o, "sha256")),
        .written = opt(o, "written"),
        .backup = opt(o, "backup"),
        .mode = (mode_t)jsn_int(o, "mode", 0644) & 07777,
        .uid = (uid_t)jsn_int(o, "uid", 0),
        .gid = (gid_t)jsn_int(o, "gid", 0),
        .new_mode = (mode_t)jsn_int(o, "new_mode", 0) & 07777,
        .target = opt(o, "target"),
    };
    return 0;
}

static int parse_all(const struct jsn *o, struct enroll_record *r)
{
    for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
        *string_at(r, i) = xstrdup(jsn_str(o, strings[i].key));
    r->joined_at = jsn_int(o, "joined_at", 0);
    r->kvno = (uint32_t)jsn_int(o, "kvno", 0);
    r->created = jsn_bool(o, "created");
    get_list(o, "services", &r->services);
    get_list(o, "dirs", &r->dirs);
    get_list(o, "former", &r->former);
    const struct jsn *a = jsn_get(o, "files");
    r->files = xcalloc(jsn_count(a), sizeof *r->files);
    for (size_t i = 0; i < jsn_count(a); i++) {
        if (parse_file(jsn_at(a, i), &r->files[r->n_files]) != 0)
            return -1;
        r->n_files++;
    }
    return jsn_int(o, "version", 0) == 1 ? 0 : -1;
}

int enroll_record_parse(const char *text, size_t len, struct enroll_record *ret, struct err *e)
{
    struct err mine = {0};
    AUTOJSN o = NULL;
    *ret = (struct enroll_record){0};
    if (jsn_parse(text, len, &o, &mine) == 0 && parse_all(o, ret) == 0)
        return 0;
    enroll_record_free(ret);
    err_cause(e, CAUSE_FILE_UNPARSABLE);
    err_fact(e, FACT_FILE, "%s", TXN_RECORD);
    err_fact(e, FACT_LINE, "1");
    return err_foreign(e, ERR_SRC_NONE, 0, "%s", mine.raw);
}

int enroll_record_load(struct host *h, struct enroll_record *ret, bool *present, struct err *e)
{
    struct buf b = BUF_INIT(RECORD_MAX);
    *ret = (struct enroll_record){0};
    int rc = host_read_opt(h, TXN_RECORD, &b, present, e);
    if (rc == 0 && *present)
        rc = enroll_record_parse(buf_text(&b), b.len, ret, e);
    buf_free(&b);
    return rc;
}

void enroll_record_free(struct enroll_record *r)
{
    for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
        free(*string_at(r, i));
    for (size_t i = 0; i < r->n_files; i++) {
        free(r->files[i].path);
        free(r->files[i].sha256);
        free(r->files[i].written);
        free(r->files[i].backup);
        free(r->files[i].target);
    }
    free(r->files);
    strv_free(&r->services);
    strv_free(&r->dirs);
    strv_free(&r->former);
    *r = (struct enroll_record){0};
}

const struct enroll_file *enroll_record_file(const struct enroll_record *r, const char *path)
{
    for (size_t i = 0; i < r->n_files; i++) {
        if (strcmp(r->files[i].path, path) == 0)
            return &r->files[i];
    }
    return NULL;
}
