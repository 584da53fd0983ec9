/* Computer names made from what tells machines apart: kiosk-{serial}. */
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/model/names.h"

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Without counting what only separates: one sign again and again, or 123456789. */
static bool is_filler(const char *value)
{
    char first = '\0', last = '\0';
    size_t n = 0;
    bool same = true, counts = true;
    for (; *value; value++) {
        if (!is_alnum(*value))
            continue;
        char c = *value >= 'A' && *value <= 'Z' ? (char)(*value - 'A' + 'a') : *value;
        same = same && (n == 0 || c == first);
        counts = counts && c >= '0' && c <= '9' &&
                 (n == 0 || c == last + 1 || (last == '9' && c == '0'));
        if (n++ == 0)
            first = c;
        last = c;
    }
    return n < 2 || (same && strchr("0fx1", first)) || (counts && n > 4);
}

bool name_is_placeholder(const char *value)
{
    static const char *const whole[] = {"none",
                                        "null",
                                        "n/a",
                                        "empty",
                                        "invalid",
                                        "unknown",
                                        "default",
                                        "default string",
                                        "serial",
                                        "serial number",
                                        "product name",
                                        "system serial number",
                                        "system product name",
                                        "system name",
                                        "system version",
                                        "chassis serial number",
                                        "base board serial number",
                                        "board serial number",
                                        "no asset tag",
                                        "no asset information",
                                        "asset-1234567890",
                                        "undefined",
                                        "product",
                                        "all series",
                                        "type1productconfigid",
                                        "03000200-0400-0500-0006-000700080009"};
    static const char *const begin[] = {"to be filled", "not ", "o.e.m",      "oem",
                                        "fill by",      "<",    "please set", "{"};
    for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
        if (str_ieq(value, whole[i]))
            return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(begin); i++) {
        if (strncasecmp(value, begin[i], strlen(begin[i])) == 0)
            return true;
    }
    return is_filler(value);
}

/* 32 signs that nobody takes for one another. */
static void suffix_of(const unsigned char *id, char ret[NAME_SUFFIX_LEN + 1])
{
    static const char signs[] = "abcdefghijkmnpqrstuvwxyz23456789";
    for (size_t i = 0; i < NAME_SUFFIX_LEN; i++)
        ret[i] = signs[id[i] & 31];
    ret[NAME_SUFFIX_LEN] = '\0';
}

char *name_with_suffix(const char *name, const unsigned char *id)
{
    char suffix[NAME_SUFFIX_LEN + 1];
    size_t n = strnlen(name, NAME_NETBIOS_MAX - NAME_SUFFIX_LEN - 1);
    suffix_of(id, suffix);
    while (n && !is_alnum(name[n - 1]))
        n--;
    return xasprintf("%.*s%s%s", (int)n, name, n ? "-" : "", suffix);
}

/* Letters and digits; what stands between them becomes one hyphen, the colons of an address
 * nothing. */
static void put_value(struct buf *b, const char *value)
{
    bool gap = false, any = false;
    for (; *value; value++) {
        if (!is_alnum(*value)) {
            gap = gap || *value != ':';
            continue;
        }
        if (gap && any)
            buf_byte(b, '-');
        buf_byte(b, (unsigned char)*value);
        any = true;
        gap = false;
    }
}

static int not_known(const char *text, const char *key, size_t n, struct err *e)
{
    err_cause(e, CAUSE_COMPUTER_NAME_BAD);
    err_fact(e, FACT_NAME, "%s", text);
    err_fact(e, FACT_VALUE, "{%.*s}", (int)n, key);
    return -1;
}

char *name_expand(const char *text, name_value_fn *value, void *arg, struct err *e)
{
    static const char *const keys[] = {"serial", "mac", "product"};
    struct buf b = BUF_INIT(1024);
    for (const char *p = text; *p;) {
        size_t n = *p == '{' ? strcspn(p + 1, "}") : 0;
        if (*p != '{') {
            buf_byte(&b, (unsigned char)*p++);
            continue;
        }
        AUTOFREE char *found = NULL;
        for (size_t i = 0; i < ARRAY_SIZE(keys) && p[n + 1] == '}'; i++) {
            if (strlen(keys[i]) == n && memcmp(keys[i], p + 1, n) == 0)
                found = value(arg, keys[i]);
        }
        size_t before = b.len;
        if (found && !name_is_placeholder(found))
            put_value(&b, found);
        if (b.len == before) {
            not_known(text, p + 1, n, e);
            buf_free(&b);
            return NULL;
        }
        p += n + 2;
    }
    return buf_steal(&b);
}
