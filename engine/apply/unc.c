#include "engine/apply/unc.h"

#include <string.h>

#include "engine/image/image.h"

static bool is_sep(char c)
{
    return c == '\\' || c == '/';
}

/* Where the server's name begins; NULL when this is no such path. */
static const char *server_of(const char *path)
{
    static const char verbatim[] = "UNC";
    if (!is_sep(path[0]) || !is_sep(path[1]))
        return NULL;
    const char *p = path + 2;
    if ((p[0] != '?' && p[0] != '.') || !is_sep(p[1]))
        return p;
    p += 2;
    for (size_t i = 0; i < 3; i++) {
        if ((*p & ~0x20) != verbatim[i])
            return NULL;
        p++;
    }
    return is_sep(*p) ? p + 1 : NULL;
}

bool unc_is(const char *path)
{
    return server_of(path) != NULL;
}

/* The server (or its address, as the mount's options tell it). */
static bool same_server(const struct mount *m, const char *source, const char *wanted)
{
    if (str_ieq(source, wanted))
        return true;
    for (const char *p = m->super; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        if (strncmp(p, "addr=", 5) == 0) {
            AUTOFREE char *addr = xstrndup(p + 5, strcspn(p + 5, ","));
            return str_ieq(addr, wanted);
        }
    }
    return false;
}

/* A part of a share may be mounted: the source has the part's path, and usually the mount's root
 * has it once more; with the prefix kept by the driver, or for a bind mount, the root counts from
 * there. */
static void names_of(const struct mount *m, struct strv *have)
{
    struct strv root = {0};
    size_t same = 0;
    strv_split(have, m->source, "/\\");
    strv_split(&root, m->root, "/");
    while (have->n > 2 && same < root.n && same + 2 < have->n &&
           str_ieq(root.s[same], have->s[same + 2]))
        same++;
    if (same + 2 != have->n)
        same = 0;
    for (size_t i = same; have->n >= 2 && i < root.n; i++)
        strv_add(have, root.s[i]);
    strv_free(&root);
}

/* How many names of the path are consumed by getting to the mount's point; 0 = another share. */
static size_t matches(const struct mount *m, const struct strv *names)
{
    struct strv have = {0};
    size_t n = 0;
    if (!str_eq(m->fstype, "cifs") && !str_eq(m->fstype, "smb3"))
        return 0;
    names_of(m, &have);
    if (have.n >= 2 && have.n <= names->n && same_server(m, have.s[0], names->s[0]))
        n = have.n;
    for (size_t i = 1; i < n; i++) {
        if (!str_ieq(have.s[i], names->s[i]))
            n = 0;
    }
    strv_free(&have);
    return n;
}

static int not_mounted(const struct strv *names, struct err *e)
{
    bool plain = true;
    for (size_t i = 0; i < 2; i++)
        plain = plain && !strpbrk(names->s[i], "'\\ \t\n\"$`;&|<>(){}[]*?!#~");
    err_fact(e, FACT_SERVER, "%s", names->s[0]);
    err_fact(e, FACT_NAME, "%s", names->s[1]);
    /* A name that a shell would take for something else is not put into a command. */
    err_fact(e, FACT_COMMAND, "mount -t cifs //%s/%s /mnt -o username=NAME",
             plain ? names->s[0] : "SERVER", plain ? names->s[1] : "SHARE");
    return err_cause(e, CAUSE_UNC_NOT_MOUNTED);
}

/* The rest of the path below the mount's point, in the case it has there. */
static int below(const struct mount *m, const struct strv *names, size_t from, char **ret,
                 struct err *e)
{
    struct host *h = NULL;
    struct buf rest = BUF_INIT(8192);
    for (size_t i = from; i < names->n; i++)
        buf_printf(&rest, "%s%s", i > from ? "/" : "", names->s[i]);
    if (from == names->n) {
        *ret = xstrdup(m->point);
        buf_free(&rest);
        return 0;
    }
    int r = rest.failed ? err_cause(e, CAUSE_IMAGE_NO_SYSTEM) : host_linux_open(m->point, &h, e);
    if (r == 0) {
        AUTOFREE char *found = image_find(h, "/", buf_text(&rest));
        if (found)
            *ret = xasprintf("%s%s", str_eq(m->point, "/") ? "" : m->point, found);
        else
            r = err_cause(e, CAUSE_IMAGE_NO_SYSTEM);
    }
    host_close(h);
    buf_free(&rest);
    return r;
}

/* "." is left out, ".." would lead out of the share. */
static bool split(const char *path, struct strv *names)
{
    struct strv all = {0};
    bool ok = true;
    strv_split(&all, path, "\\/");
    for (size_t i = 0; i < all.n; i++) {
        ok = ok && !str_eq(all.s[i], "..");
        if (!str_eq(all.s[i], "."))
            strv_add(names, all.s[i]);
    }
    strv_free(&all);
    return ok && names->n >= 2;
}

int unc_follow(const char *path, const struct mounts *mounts, char **ret, struct err *e)
{
    struct strv names = {0};
    const char *server = server_of(path);
    const struct mount *best = NULL;
    size_t most = 0;
    int r;
    *ret = NULL;
    if (!server || !split(server, &names)) {
        strv_free(&names);
        err_fact(e, FACT_FILE, "%s", path);
        return err_cause(e, CAUSE_IMAGE_NO_SYSTEM);
    }
    for (size_t i = 0; i < mounts->n; i++) {
        size_t n = matches(&mounts->m[i], &names);
        if (n > 0 && n >= most) {
            most = n;
            best = &mounts->m[i];
        }
    }
    r = best ? below(best, &names, most, ret, e) : not_mounted(&names, e);
    if (r < 0)
        err_fact(e, FACT_FILE, "%s", path);
    strv_free(&names);
    return r;
}
