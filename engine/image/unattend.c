#include "engine/image/unattend.h"

#include <errno.h>
#include <string.h>

#define NEW_DIR  "Panther"
#define NEW_FILE "unattend.xml"

static const char *windows_dir(const struct image *im)
{
    return *im->windows ? im->windows : "/";
}

void image_answer_free(struct image_answer *a)
{
    free(a->path);
    free(a->elsewhere);
    buf_free(&a->contents);
    unattend_look_free(&a->look);
    *a = (struct image_answer){0};
}

char *image_answer_shown(const struct image *im, const char *path)
{
    size_t n = strlen(im->path);
    while (n > 0 && im->path[n - 1] == '/')
        n--;
    return xasprintf("%.*s%s", (int)n, im->path, path);
}

static void name_file(const struct image *im, const char *path, struct err *e)
{
    AUTOFREE char *shown = image_answer_shown(im, path);
    err_fact(e, FACT_FILE, "%s", shown);
}

static int read_file(const struct image *im, const char *path, struct buf *b, struct err *e)
{
    struct err f = {0};
    if (host_read(im->host, path, b, &f) == 0)
        return 0;
    if (f.lib == EFBIG) {
        err_reset(&f);
        err_fact(&f, FACT_LIMIT, "%u", UNATTEND_MAX);
        err_cause(&f, CAUSE_ANSWER_FILE_BAD);
    }
    *e = f;
    name_file(im, path, e);
    return -1;
}

/* Takes the candidate when it is the first with a specialize pass, or the first of all; owns
 * `path`. True: the search is over. */
static int consider(const struct image *im, char *path, struct image_answer *a, bool *over,
                    struct err *e)
{
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    struct unattend_look look = {0};
    int r = read_file(im, path, &b, e);
    if (r == 0 && unattend_examine(b.data, b.len, im->arch, &look, e) < 0) {
        name_file(im, path, e);
        r = -1;
    }
    *over = r == 0 && look.has_pass;
    if (r == 0 && (*over || !a->path)) {
        free(a->path);
        a->path = TAKE(path);
        a->exists = true;
    }
    free(path);
    unattend_look_free(&look);
    buf_free(&b);
    return r;
}

/* The registry's own wish goes before all other places. */
static int named_file(const struct image *im, struct image_answer *a, bool *over, struct err *e)
{
    if (str_empty(im->setup.unattend_file))
        return 0;
    char *path = image_windows_path(im, im->setup.unattend_file);
    if (path)
        return consider(im, path, a, over, e);
    a->elsewhere = xstrdup(im->setup.unattend_file);
    return 0;
}

/* The root of the system drive comes last, where its volume is known. */
static int root_file(const struct image *im, struct image_answer *a, bool *over, struct err *e)
{
    static const char *const names[] = {"Unattend.xml", "Autounattend.xml"};
    struct host *root = im->above ? im->above : *im->windows ? im->host : NULL;
    for (size_t i = 0; root && i < ARRAY_SIZE(names) && !*over; i++) {
        char *path = image_find(root, "/", names[i]);
        if (!path)
            continue;
        if (root == im->host) {
            if (consider(im, path, a, over, e) < 0)
                return -1;
            continue;
        }
        /* Only the Windows folder was given: what lies above is not ours to change. */
        if (!a->elsewhere && !a->exists)
            a->elsewhere = xasprintf("\\%s", path + 1);
        free(path);
    }
    return 0;
}

static int search(const struct image *im, struct image_answer *a, struct err *e)
{
    static const char *const places[] = {
        "Panther/Unattend/Unattend.xml", "Panther/Unattend/Autounattend.xml",
        "Panther/Unattend.xml",          "Panther/Autounattend.xml",
        "System32/Sysprep/Unattend.xml", "System32/Sysprep/Autounattend.xml",
    };
    bool over = false;
    if (named_file(im, a, &over, e) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_SIZE(places) && !over; i++) {
        char *path = image_find(im->host, windows_dir(im), places[i]);
        if (path && consider(im, path, a, &over, e) < 0)
            return -1;
    }
    return over ? 0 : root_file(im, a, &over, e);
}

static char *new_path(const struct image *im)
{
    AUTOFREE char *dir = image_find(im->host, windows_dir(im), NEW_DIR);
    return dir ? xasprintf("%s/" NEW_FILE, dir)
               : xasprintf("%s/" NEW_DIR "/" NEW_FILE, im->windows);
}

int image_answer_make(const struct image *im, const char *base64, size_t len,
                      struct image_answer *ret, struct err *e)
{
    struct buf old = BUF_SECRET(UNATTEND_MAX);
    *ret = (struct image_answer){.contents = BUF_SECRET(2 * UNATTEND_MAX)};
    if (str_empty(im->arch))
        return err_cause(e, CAUSE_IMAGE_ARCHITECTURE);
    if (search(im, ret, e) < 0)
        return -1;
    if (!ret->exists) {
        ret->path = new_path(im);
        if (image_see(im->host, ret->path, &ret->seen, e) != 0)
            return -1;
        return unattend_new(im->arch, base64, len, &ret->contents, e);
    }
    int r = image_see(im->host, ret->path, &ret->seen, e);
    if (r == 0)
        r = read_file(im, ret->path, &old, e);
    if (r == 0 && unattend_merge(old.data, old.len, im->arch, base64, len, &ret->contents,
                                 &ret->look, e) < 0) {
        name_file(im, ret->path, e);
        r = -1;
    }
    buf_free(&old);
    return r;
}

/* An image that was never started may lack the folder. */
static bool lacks_folder(struct image *im, const char *path)
{
    struct host_meta m;
    struct err ignored = {0};
    AUTOFREE char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    return *dir && host_lstat(im->host, dir, &m, &ignored) == 0 && m.kind == HOST_ABSENT;
}

int image_answer_put(struct image *im, struct image_answer *a, const struct cancel *cancel,
                     struct image_change **ret, struct err *e)
{
    struct image_file f = {
        .path = a->path,
        .data = a->contents.data,
        .len = a->contents.len,
        .flags = IMAGE_FILE_SECRET | (lacks_folder(im, a->path) ? IMAGE_FILE_FOLDER : 0),
        .seen = &a->seen,
    };
    *ret = NULL;
    return image_put(im, &f, 1, cancel, ret, e);
}
