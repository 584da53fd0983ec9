#include "engine/flow/osinfo.h"

#include <string.h>

#define VALUE_MAX 200

/* The line's value, its quotes taken off. */
static char *value_of(const char *at)
{
    size_t n = strcspn(at, "\n");
    if (n >= 2 && (at[0] == '"' || at[0] == '\'') && at[n - 1] == at[0]) {
        at++;
        n -= 2;
    }
    char *v = xstrndup(at, n < VALUE_MAX ? n : VALUE_MAX);
    err_clean_text(v);
    return v;
}

char *os_release_value(struct host *h, const char *key)
{
    static const char *const files[] = {"/etc/os-release", "/usr/lib/os-release"};
    size_t k = strlen(key);
    char *found = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(files) && !found; i++) {
        struct buf b = BUF_INIT(64u << 10);
        struct err ignored = {0};
        bool present;
        if (host_read_opt(h, files[i], &b, &present, &ignored) == 0 && b.len) {
            for (const char *line = buf_text(&b); line && !found; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, key, k) == 0 && line[k] == '=')
                    found = value_of(line + k + 1);
            }
        }
        buf_free(&b);
    }
    return found ? found : xstrdup("");
}
