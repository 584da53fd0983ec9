/* Reading: our own pass finds faults with their lines, then libini_config says what stands in the
 * file. */
#include "engine/ini/ini.h"

#include <ini_configobj.h>
#include <ini_valueobj.h>
#include <limits.h>
#include <string.h>

#include "engine/base/strv.h"

#define NAME_MAX_LEN 64
#define ITEMS_MAX    2000

struct scan {
    const char *file;
    struct strv sections, keys; /* seen: "section" and "section\nkey" */
    char *section;
};

static int fault(struct err *e, const char *file, unsigned line, const char *what)
{
    err_fact(e, FACT_FILE, "%s", file);
    err_fact(e, FACT_LINE, "%u", line);
    err_fact(e, FACT_DETAIL, "%s", what);
    return err_cause(e, CAUSE_CONFIG_SYNTAX);
}

static bool valid_utf8(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t len = p[i] < 0x80 ? 1 : p[i] >= 0xf0 ? 4 : p[i] >= 0xe0 ? 3 : 2;
        if ((p[i] >= 0x80 && p[i] < 0xc2) || p[i] > 0xf4 || len > n - i)
            return false;
        for (size_t k = 1; k < len; k++) {
            if ((p[i + k] & 0xc0) != 0x80)
                return false;
        }
        if (len == 3 && ((p[i] == 0xe0 && p[i + 1] < 0xa0) || (p[i] == 0xed && p[i + 1] > 0x9f)))
            return false;
        if (len == 4 && ((p[i] == 0xf0 && p[i + 1] < 0x90) || (p[i] == 0xf4 && p[i + 1] > 0x8f)))
            return false;
        i += len;
    }
    return true;
}

static const char *line_fault(const unsigned char *p, size_t n)
{
    if (n > INI_LINE_MAX)
        return "the line is too long";
    for (size_t i = 0; i < n; i++) {
        if ((p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
            return "a control character";
    }
    return valid_utf8(p, n) ? NULL : "not UTF-8 text";
}

static bool name_ok(const char *s, size_t n)
{
    if (n == 0 || n > NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool alnum = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
                     (s[i] >= '0' && s[i] <= '9');
        if (!alnum && s[i] != '_' && s[i] != '-')
            return false;
    }
    return true;
}

static size_t trimmed(const char *s, size_t n)
{
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    return n;
}

static const char *scan_section(struct scan *sc, const char *s, size_t n)
{
    n = trimmed(s, n);
    if (s[n - 1] != ']')
        return "a section without its closing bracket";
    if (!name_ok(s + 1, n - 2))
        return "a bad section name";
    free(sc->section);
    sc->section = xstrndup(s + 1, n - 2);
    if (strv_has_icase(&sc->sections, sc->section))
        return "this section stands in the file twice";
    strv_add(&sc->sections, sc->section);
    return NULL;
}

static const char *scan_key(struct scan *sc, const char *s, size_t n)
{
    const char *eq = memchr(s, '=', n);
    if (s[0] == ' ' || s[0] == '\t')
        return "a line may not start with blanks";
    if (!eq)
        return "neither a section, nor a key with its value, nor a comment";
    size_t k = trimmed(s, (size_t)(eq - s));
    if (!name_ok(s, k))
        return "a bad key name";
    if (!sc->section)
        return "a key before the first section";
    if (sc->keys.n >= ITEMS_MAX)
        return "too many keys";
    AUTOFREE char *full = xasprintf("%s\n%.*s", sc->section, (int)k, s);
    if (strv_has_icase(&sc->keys, full))
        return "this key stands in its section twice";
    strv_add(&sc->keys, full);
    return NULL;
}

static const char *scan_line(struct scan *sc, const char *s, size_t n)
{
    const char *bad = line_fault((const unsigned char *)s, n);
    if (bad || n == 0 || s[0] == ';' || s[0] == '#' || trimmed(s, n) == 0)
        return bad;
    return s[0] == '[' ? scan_section(sc, s, n) : scan_key(sc, s, n);
}

/* Checks every line and copies it with a plain line end; comments and blank lines become empty, so
 * that the line numbers stay. */
static int scan_text(struct scan *sc, const char *data, size_t len, struct buf *clean,
                     struct err *e)
{
    unsigned no = 0;
    for (size_t i = 0; i < len;) {
        const char *nl = memchr(data + i, '\n', len - i);
        size_t n = nl ? (size_t)(nl - (data + i)) : len - i;
        size_t body = n > 0 && data[i + n - 1] == '\r' ? n - 1 : n;
        const char *bad = scan_line(sc, data + i, body);
        no++;
        if (bad)
            return fault(e, sc->file, no, bad);
        if (body > 0 && data[i] != ';' && data[i] != '#')
            buf_put(clean, data + i, trimmed(data + i, body));
        buf_byte(clean, '\n');
        i += n + (nl ? 1 : 0);
    }
    return clean->failed ? fault(e, sc->file, no, "the file is too large") : 0;
}

static int by_line(const void *a, const void *b)
{
    const struct ini_item *x = a, *y = b;
    return x->line < y->line ? -1 : x->line > y->line;
}

static int take_value(struct ini_cfgobj *cfg, const char *section, const char *key,
                      struct ini_doc *d)
{
    struct value_obj *vo = NULL;
    uint32_t line = 0;
    int err = 0;
    if (ini_get_config_valueobj(section, key, cfg, INI_GET_FIRST_VALUE, &vo) != 0 || !vo ||
        value_get_line(vo, &line) != 0)
        return -1;
    char *value = ini_get_string_config_value(vo, &err);
    d->items = xrealloc_array(d->items, d->n + 1, sizeof *d->items);
    d->items[d->n++] = (struct ini_item){xstrdup(section), xstrdup(key),
                                         xstrdup(value && !err ? value : ""), line};
    free(value);
    return 0;
}

static int take_all(struct ini_cfgobj *cfg, struct ini_doc *d)
{
    int n_sections = 0, err = 0, rc = 0;
    char **sections = ini_get_section_list(cfg, &n_sections, &err);
    for (int i = 0; i < n_sections && rc == 0; i++) {
        int n = 0;
        char **keys = ini_get_attribute_list(cfg, sections[i], &n, &err);
        for (int k = 0; k < n && rc == 0; k++)
            rc = take_value(cfg, sections[i], keys[k], d);
        ini_free_attribute_list(keys);
    }
    ini_free_section_list(sections);
    if (d->n > 1)
        qsort(d->items, d->n, sizeof *d->items, by_line);
    return rc;
}

static int parse(const struct buf *clean, const char *name, size_t expected, struct ini_doc *d,
                 struct err *e)
{
    struct ini_cfgobj *cfg = NULL;
    struct ini_cfgfile *file = NULL;
    int rc = ini_config_create(&cfg);
    if (rc == 0)
        rc = ini_config_file_from_mem(clean->data, (uint32_t)clean->len, &file);
    if (rc == 0)
        rc = ini_config_parse(
            file, INI_STOP_ON_ANY, INI_MV1S_ERROR | INI_MV2S_ERROR | INI_MS_ERROR,
            INI_PARSE_NOWRAP | INI_PARSE_NOSPACE | INI_PARSE_NOTAB | INI_PARSE_NO_C_COMMENTS, cfg);
    if (rc == 0)
        rc = take_all(cfg, d);
    ini_config_file_destroy(file);
    ini_config_destroy(cfg);
    if (rc != 0 || d->n != expected) {
        ini_free(d);
        return fault(e, name, 1, "the ini library cannot read it");
    }
    return 0;
}

int ini_read(const void *data, size_t len, const char *name, struct ini_doc *ret, struct err *e)
{
    const char *p = data;
    struct scan sc = {.file = name};
    struct buf clean = BUF_INIT(INI_MAX + 1);
    *ret = (struct ini_doc){0};
    if (len > INI_MAX)
        return fault(e, name, 1, "the file is too large");
    if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
        len -= 3;
    }
    int rc = scan_text(&sc, p, len, &clean, e);
    if (rc == 0 && sc.keys.n > 0)
        rc = parse(&clean, name, sc.keys.n, ret, e);
    strv_free(&sc.sections);
    strv_free(&sc.keys);
    free(sc.section);
    buf_free(&clean);
    return rc;
}

void ini_free(struct ini_doc *d)
{
    for (size_t i = 0; i < d->n; i++) {
        free(d->items[i].section);
        free(d->items[i].key);
        free(d->items[i].value);
    }
    free(d->items);
    *d = (struct ini_doc){0};
}

const char *ini_get(const struct ini_doc *d, const char *section, const char *key)
{
    for (size_t i = 0; i < d->n; i++) {
        if (str_ieq(d->items[i].section, section) && str_ieq(d->items[i].key, key))
            return d->items[i].value;
    }
    return NULL;
}
