#include "engine/json/json.h"

#include <jansson.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"

#define PARSE_MAX (4u << 20)

/* struct jsn is never defined: its pointers are json_t pointers under another name. */
static json_t *in(const struct jsn *v)
{
    return (json_t *)(uintptr_t)v;
}

static struct jsn *out(json_t *v)
{
    return (struct jsn *)v;
}

static json_t *made(json_t *v)
{
    if (!v && die_oom_hook)
        die_oom_hook();
    if (!v)
        abort();
    return v;
}

struct jsn *jsn_object(void)
{
    return out(made(json_object()));
}

struct jsn *jsn_array(void)
{
    return out(made(json_array()));
}

void jsn_free(struct jsn *v)
{
    json_decref(in(v));
}

/* Length of the valid UTF-8 sequence at p, 0 when there is none (RFC 3629: no surrogates, no
 * overlong forms). */
static size_t utf8_len(const unsigned char *p)
{
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

static json_t *text(const char *s)
{
    if (!s)
        return json_null();
    json_t *v = json_string(s);
    if (v)
        return v;
    struct buf b = BUF_INIT(PARSE_MAX);
    for (const unsigned char *p = (const unsigned char *)s; *p;) {
        size_t n = utf8_len(p);
        if (n)
            buf_put(&b, p, n);
        else
            buf_str(&b, "\xef\xbf\xbd");
        p += n ? n : 1;
    }
    const char *fixed = buf_text(&b);
    v = made(json_string(fixed ? fixed : ""));
    buf_free(&b);
    return v;
}

static void set_new(struct jsn *o, const char *key, json_t *v)
{
    if (json_object_set_new(in(o), key, v) != 0)
        abort(); /* a key that is not UTF-8, or not an object: our own mistake */
}

void jsn_set_str(struct jsn *o, const char *key, const char *value)
{
    set_new(o, key, text(value));
}

void jsn_set_int(struct jsn *o, const char *key, int64_t value)
{
    set_new(o, key, made(json_integer(value)));
}

void jsn_set_bool(struct jsn *o, const char *key, bool value)
{
    set_new(o, key, json_boolean(value));
}

void jsn_set(struct jsn *o, const char *key, struct jsn *child)
{
    set_new(o, key, in(child));
}

void jsn_add(struct jsn *a, struct jsn *child)
{
    if (json_array_append_new(in(a), in(child)) != 0)
        abort();
}

void jsn_add_str(struct jsn *a, const char *value)
{
    jsn_add(a, out(text(value)));
}

char *jsn_line(const struct jsn *v)
{
    char *s = json_dumps(in(v), JSON_COMPACT | JSON_ENCODE_ANY);
    if (!s)
        abort();
    return s;
}

int jsn_parse(const char *data, size_t len, struct jsn **ret, struct err *e)
{
    json_error_t je;
    json_t *v = NULL;
    if (len > PARSE_MAX)
        snprintf(je.text, sizeof je.text, "more than %u bytes", PARSE_MAX), je.line = 1;
    else
        v = json_loadb(data, len, JSON_REJECT_DUPLICATES, &je);
    if (v) {
        *ret = out(v);
        return 0;
    }
    err_code(e, 13); /* ERROR_INVALID_DATA */
    err_fact(e, FACT_LINE, "%d", je.line);
    return err_foreign(e, ERR_SRC_NONE, 0, "%s", je.text);
}

const struct jsn *jsn_get(const struct jsn *o, const char *key)
{
    return out(json_object_get(in(o), key));
}

const char *jsn_str(const struct jsn *o, const char *key)
{
    const char *s = json_string_value(json_object_get(in(o), key));
    return s ? s : "";
}

int64_t jsn_int(const struct jsn *o, const char *key, int64_t otherwise)
{
    const json_t *v = json_object_get(in(o), key);
    return json_is_integer(v) ? (int64_t)json_integer_value(v) : otherwise;
}

bool jsn_bool(const struct jsn *o, const char *key)
{
    return json_is_true(json_object_get(in(o), key));
}

size_t jsn_count(const struct jsn *a)
{
    return json_array_size(in(a));
}

const struct jsn *jsn_at(const struct jsn *a, size_t i)
{
    return out(json_array_get(in(a), i));
}

const char *jsn_text(const struct jsn *v)
{
    return json_string_value(in(v));
}

bool jsn_next(const struct jsn *o, void **pos, const char **key, const struct jsn **value)
{
    *pos = *pos ? json_object_iter_next(in(o), *pos) : json_object_iter(in(o));
    if (!*pos)
        return false;
    *key = json_object_iter_key(*pos);
    *value = out(json_object_iter_value(*pos));
    return true;
}
