#define _GNU_SOURCE
#include "engine/aug/aug.h"

#include <augeas.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX (128u << 10) /* a lens takes seconds for more */

struct augt {
    augeas *h;
    char *lens, *file, *doc; /* doc: "/doc7" */
    char *shown;             /* what augt_get returned last */
    bool failed;
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local unsigned counter;

static void close_handle(void *h)
{
    aug_close(h);
}

static void close_main_thread(void)
{
    augeas *h = pthread_getspecific(key);
    pthread_setspecific(key, NULL);
    if (h)
        aug_close(h);
}

static void make_key(void)
{
    if (pthread_key_create(&key, close_handle) != 0 || atexit(close_main_thread) != 0)
        abort();
}

/* A root without files: nothing of the system is read. The modules are loaded when a lens asks for
 * them. */
static augeas *handle(void)
{
    pthread_once(&once, make_key);
    augeas *h = pthread_getspecific(key);
    if (!h) {
        h = aug_init("/proc/self/fdinfo", NULL,
                     AUG_NO_LOAD | AUG_NO_MODL_AUTOLOAD | AUG_NO_ERR_CLOSE);
        if (h)
            pthread_setspecific(key, h);
    }
    return h;
}

static int parse_error(struct augt *a, struct err *e)
{
    const char *line = NULL, *message = NULL;
    AUTOFREE char *at_line = xasprintf("/augeas/text%s/error/line", a->doc);
    AUTOFREE char *at_message = xasprintf("/augeas/text%s/error/message", a->doc);
    aug_get(a->h, at_line, &line);
    aug_get(a->h, at_message, &message);
    err_cause(e, CAUSE_FILE_UNPARSABLE);
    err_fact(e, FACT_FILE, "%s", a->file);
    if (line)
        err_fact(e, FACT_LINE, "%s", line);
    const char *lib = aug_error_message(a->h);
    return err_foreign(e, ERR_SRC_NONE, aug_error(a->h), "%s: %s", a->lens,
                       message ? message
                       : lib   ? lib
                               : "?");
}

static void input(struct augt *a, const char *text)
{
    size_t n = strlen(text);
    AUTOFREE char *in = xasprintf("%s/in", a->doc);
    AUTOFREE char *ended = n && text[n - 1] != '\n' ? xasprintf("%s\n", text) : NULL;
    if (aug_set(a->h, in, ended ? ended : text) != 0)
        a->failed = true;
}

static bool stored(struct augt *a)
{
    AUTOFREE char *in = xasprintf("%s/in", a->doc);
    AUTOFREE char *tree = xasprintf("%s/tree", a->doc);
    AUTOFREE char *error = xasprintf("/augeas/text%s/tree/error", a->doc);
    return !a->failed && aug_text_store(a->h, a->lens, in, tree) == 0 &&
           aug_match(a->h, error, NULL) == 0;
}

int augt_open(const char *lens, const char *file, const char *text, struct augt **ret,
              struct err *e)
{
    augeas *h = handle();
    if (strlen(text) > TEXT_MAX) {
        err_fact(e, FACT_FILE, "%s", file);
        err_fact(e, FACT_DETAIL, "larger than %u bytes", TEXT_MAX);
        return err_cause(e, CAUSE_FILE_UNPARSABLE);
    }
    if (!h)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    struct augt *a = xcalloc(1, sizeof *a);
    a->h = h;
    a->lens = xstrdup(lens);
    a->file = xstrdup(file);
    a->doc = xasprintf("/doc%u", counter++);
    input(a, text);
    if (stored(a)) {
        *ret = a;
        return 0;
    }
    char *doc = a->doc;
    a->doc = xasprintf("%s/tree", doc);
    int rc = parse_error(a, e);
    free(a->doc);
    a->doc = doc;
    augt_close(a);
    return rc;
}

void augt_close(struct augt *a)
{
    if (!a)
        return;
    AUTOFREE char *info = xasprintf("/augeas/text%s", a->doc);
    aug_rm(a->h, a->doc);
    aug_rm(a->h, info);
    free(a->lens);
    free(a->file);
    free(a->doc);
    free(a->shown);
    free(a);
}

static char *full(const struct augt *a, const char *path)
{
    return xasprintf("%s/tree/%s", a->doc, path);
}

const char *augt_get(struct augt *a, const char *path)
{
    AUTOFREE char *p = full(a, path);
    const char *v = NULL;
    if (aug_get(a->h, p, &v) != 1 || !v)
        return NULL;
    free(a->shown);
    a->shown = xstrdup(v);
    return a->shown;
}

size_t augt_count(struct augt *a, const char *path)
{
    AUTOFREE char *p = full(a, path);
    int n = aug_match(a->h, p, NULL);
    return n > 0 ? (size_t)n : 0;
}

char *augt_nth(struct augt *a, const char *path, size_t nth)
{
    AUTOFREE char *p = full(a, path);
    char **m = NULL, *found = NULL;
    int n = aug_match(a->h, p, &m);
    for (int i = 0; i < n; i++) {
        if ((size_t)i == nth)
            found = xstrdup(m[i] + strlen(a->doc) + strlen("/tree/"));
        free(m[i]);
    }
    free(m);
    return found;
}

char *augt_label(struct augt *a, const char *path, size_t nth)
{
    AUTOFREE char *one = augt_nth(a, path, nth);
    const char *label = NULL;
    if (!one)
        return NULL;
    AUTOFREE char *p = full(a, one);
    return aug_label(a->h, p, &label) == 1 && label ? xstrdup(label) : NULL;
}

void augt_set(struct augt *a, const char *path, const char *value)
{
    AUTOFREE char *p = full(a, path);
    if (aug_set(a->h, p, value) != 0)
        a->failed = true;
}

void augt_insert(struct augt *a, const char *path, const char *label, bool before)
{
    AUTOFREE char *p = full(a, path);
    if (aug_insert(a->h, p, label, before) != 0)
        a->failed = true;
}

void augt_remove(struct augt *a, const char *path)
{
    AUTOFREE char *p = full(a, path);
    if (aug_rm(a->h, p) < 0)
        a->failed = true;
}

int augt_text(struct augt *a, struct buf *ret, struct err *e)
{
    AUTOFREE char *in = xasprintf("%s/in", a->doc);
    AUTOFREE char *tree = xasprintf("%s/tree", a->doc);
    AUTOFREE char *out = xasprintf("%s/out", a->doc);
    const char *text = NULL;
    if (a->failed || aug_text_retrieve(a->h, a->lens, in, tree, out) != 0 ||
        aug_get(a->h, out, &text) != 1 || !text) {
        char *doc = a->doc;
        a->doc = tree;
        int rc = parse_error(a, e);
        a->doc = doc;
        return rc;
    }
    buf_str(ret, text);
    return ret->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}
