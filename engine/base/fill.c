#include "engine/base/fill.h"

#include <string.h>

#include "engine/base/buf.h"

#define FILL_MAX (64u << 10)

char *fill(const char *format, const struct strv *args)
{
    struct buf b = BUF_INIT(FILL_MAX);
    for (const char *p = format; *p; p++) {
        if (p[0] == '{' && p[1] >= '1' && p[1] <= '9' && p[2] == '}') {
            size_t i = (size_t)(p[1] - '1');
            if (i < args->n)
                buf_str(&b, args->s[i]);
            p += 2;
        } else {
            buf_byte(&b, (unsigned char)*p);
        }
    }
    char *s = buf_steal(&b);
    return s ? s : xstrdup("");
}
