#include "tests/unit/tiny_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/strv.h"
#include "tests/unit/scratch.h"

void tiny_image_file(const char *root, const char *path, const void *data, size_t len)
{
    scratch_put(root, path, "", 0644);
    AUTOFREE char *full = xasprintf("%s%s", root, path);
    FILE *f = fopen(full, "w");
    if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0)
        abort();
}

void tiny_image_put(const char *root, const char *path, struct tiny *t)
{
    struct buf b;
    tiny_build(t, &b);
    tiny_free(t);
    tiny_image_file(root, path, b.data, b.len);
    buf_free(&b);
}

void tiny_image_get(const char *root, const char *path, struct buf *ret)
{
    AUTOFREE char *full = xasprintf("%s%s", root, path);
    char chunk[8192];
    size_t n;
    *ret = BUF_INIT(64u << 20);
    FILE *f = fopen(full, "r");
    if (!f)
        abort();
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_put(ret, chunk, n);
    fclose(f);
}
