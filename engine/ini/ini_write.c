/* Writing answers down, so that ini_read gives the same back. */
#include <string.h>

#include "engine/ini/ini.h"

void ini_write_comment(struct buf *b, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        buf_str(b, n ? "; " : ";");
        buf_put(b, text, n);
        buf_byte(b, '\n');
        text += n + (text[n] ? 1 : 0);
    }
}

void ini_write_section(struct buf *b, const char *name)
{
    if (b->len)
        buf_byte(b, '\n');
    buf_printf(b, "[%s]\n", name);
}

int ini_write_value(struct buf *b, const char *key, const char *value)
{
    size_t n = strlen(value);
    if (n + strlen(key) + 4 > INI_LINE_MAX)
        return -1;
    if (n && (strchr(" \t", value[0]) || strchr(" \t", value[n - 1])))
        return -1;
    for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
        if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
            return -1;
    }
    buf_printf(b, n ? "%s = %s\n" : "%s =%s\n", key, value);
    return 0;
}
