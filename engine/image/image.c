/* Finding the Windows system below a path. */
#define _GNU_SOURCE
#include "engine/image/image.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/image/image_int.h"

/* The name in `dir` that equals `name` without case, exactly if there is one; else the first. */
static char *name_in(struct host *h, const char *dir, const char *name, size_t n)
{
    struct host_meta m;
    struct err e = {0};
    char *path = xasprintf("%s/%.*s", strcmp(dir, "/") == 0 ? "" : dir, (int)n, name);
    if (host_stat(h, path, &m, &e) == 0 && m.kind != HOST_ABSENT)
        return path;
    free(path);
    CLEANUP(strv_free) struct strv names = {0};
    if (host_list(h, *dir ? dir : "/", &names, &e) != 0)
        return NULL;
    for (size_t i = 0; i < names.n; i++) {
        if (strlen(names.s[i]) == n && strncasecmp(names.s[i], name, n) == 0)
            return xasprintf("%s/%s", strcmp(dir, "/") == 0 ? "" : dir, names.s[i]);
    }
    return NULL;
}

char *image_find(struct host *h, const char *dir, const char *path)
{
    char *at = xstrdup(dir);
    while (at && *(path += strspn(path, "/\\"))) {
        size_t n = strcspn(path, "/\\");
        char *next = NULL;
        if (!(n == 1 && path[0] == '.') && !(n == 2 && memcmp(path, "..", 2) == 0))
            next = name_in(h, at, path, n);
        free(at);
        at = next;
        path += n;
    }
    return at;
}

static bool is_file(struct host *h, const char *path)
{
    struct host_meta m;
    struct err e = {0};
    return host_stat(h, path, &m, &e) == 0 && m.kind == HOST_FILE;
}

/* Takes over `windows` when there is a registry in it. */
static bool take_windows(struct image *im, char *windows)
{
    char *config = windows ? image_find(im->host, windows, "System32/config") : NULL;
    char *system = config ? image_find(im->host, config, "SYSTEM") : NULL;
    if (!system || !is_file(im->host, system)) {
        free(windows);
        free(config);
        free(system);
        return false;
    }
    im->windows = windows;
    im->config = config;
    im->system = system;
    return true;
}

static char *hive_beside(struct image *im, const char *name)
{
    char *path = image_find(im->host, im->config, name);
    if (path && is_file(im->host, path))
        return path;
    free(path);
    return xstrdup("");
}

int image_open(const char *path, struct image *ret, struct err *e)
{
    struct stat st;
    *ret = (struct image){.path = xstrdup(path)};
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        err_fact(e, FACT_FILE, "%s", path);
        err_cause(e, CAUSE_IMAGE_NOT_WINDOWS);
        goto fail;
    }
    if (host_linux_open(path, &ret->host, e) != 0)
        goto fail;
    if (!take_windows(ret, image_find(ret->host, "", "Windows")) &&
        !take_windows(ret, xstrdup(""))) {
        err_fact(e, FACT_FILE, "%s", path);
        err_cause(e, CAUSE_IMAGE_NOT_WINDOWS);
        goto fail;
    }
    if (!*ret->windows) {
        AUTOFREE char *above = xasprintf("%s/..", path);
        struct err ignored = {0};
        if (host_linux_open(above, &ret->above, &ignored) != 0)
            ret->above = NULL;
    }
    ret->software = hive_beside(ret, "SOFTWARE");
    ret->security = hive_beside(ret, "SECURITY");
    return 0;
fail:
    image_free(ret);
    return -1;
}

void image_free(struct image *im)
{
    char **texts[] = {
        &im->path,        &im->windows,   &im->config,        &im->system,
        &im->software,    &im->security,  &im->product_type,  &im->product,
        &im->version,     &im->edition,   &im->arch,          &im->name,
        &im->image_state, &im->joined_to, &im->setup.cmdline, &im->setup.unattend_file};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        free(*texts[i]);
    image_unload(im);
    if (im->host)
        host_close(im->host);
    if (im->above)
        host_close(im->above);
    *im = (struct image){0};
}

/* "%windir%\x", "%SystemRoot%\x", "C:\Windows\x" -> "x"; NULL for another place. */
static const char *below_windows(const char *p)
{
    static const char *const heads[] = {"%windir%", "%systemroot%", "\\systemroot"};
    for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
        size_t n = strlen(heads[i]);
        if (strncasecmp(p, heads[i], n) == 0 && (p[n] == '\\' || p[n] == '/'))
            return p + n;
    }
    /* The drive letter is the one that the running Windows gives its own volume. */
    if (p[0] && p[1] == ':' && (p[2] == '\\' || p[2] == '/'))
        p += 2;
    else if (strncasecmp(p, "%systemdrive%", 13) == 0)
        p += 13;
    else
        return NULL;
    p += strspn(p, "\\/");
    return strncasecmp(p, "windows", 7) == 0 && (p[7] == '\\' || p[7] == '/') ? p + 7 : NULL;
}

char *image_windows_path(const struct image *im, const char *windows_path)
{
    const char *rest = below_windows(windows_path);
    return rest ? image_find(im->host, im->windows, rest) : NULL;
}
