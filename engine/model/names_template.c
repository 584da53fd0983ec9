/* Computer names made from what tells machines apart: kiosk-{serial}. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/model/names.h"

/* What firmware says when nobody has filled it in. */
static bool placeholder(const char *value)
{
    static const char *const words[] = {"none",
                                        "0",
                                        "default string",
                                        "not specified",
                                        "not available",
                                        "system serial number",
                                        "system product name",
                                        "to be filled by o.e.m.",
                                        "unknown"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (str_ieq(value, words[i]))
            return true;
    }
    return false;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
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
        if (found && !placeholder(found))
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
