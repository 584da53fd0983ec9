/* Every picture in every language. `test_pictures --gallery FILE LANGUAGE [COLUMNSxROWS]` writes
 * them as text, for whoever translates them. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/ui/scenes.h"
#include "ui/i18n/i18n.h"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    (void)i18n_set_language("en");
    return 0;
}

/* ---- gallery ---- */

struct gallery {
    FILE *file;
    const char *code;
    int rows, cols;
    uint64_t seen[4096]; /* of pictures: each is written once */
    size_t n_seen;
};

static bool seen_before(struct gallery *g, const char *text)
{
    uint64_t hash = 14695981039346656037UL;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211UL;
    for (size_t i = 0; i < g->n_seen; i++) {
        if (g->seen[i] == hash)
            return true;
    }
    if (g->n_seen < ARRAY_SIZE(g->seen))
        g->seen[g->n_seen++] = hash;
    return false;
}

static void into_gallery(void *ctx, const char *name, struct drive *d)
{
    struct gallery *g = ctx;
    if (strstr(name, ": cause ") && strncmp(name, "failed", 6) != 0)
        return; /* the same sentences as on the last page */
    (void)i18n_set_language(g->code);
    struct canvas *c = drive_draw(d, g->rows, g->cols);
    if (!c)
        return;
    AUTOFREE char *text = canvas_dump_text(c);
    canvas_free(c);
    if (!seen_before(g, text))
        fprintf(g->file, "== %s ==\n%s\n", name, text);
}

static int write_gallery(const char *path, const char *code, const char *size)
{
    static struct gallery g = {.rows = 24, .cols = 80};
    if (size && sscanf(size, "%dx%d", &g.cols, &g.rows) != 2)
        return 2;
    g.file = fopen(path, "w");
    g.code = code;
    if (!g.file || !i18n_set_language(code)) {
        fprintf(stderr, "%s: no file or no catalogue for %s\n", path, code);
        return 1;
    }
    scenes_each(into_gallery, &g);
    return fclose(g.file) != 0;
}

/* ---- rules ---- */

static const struct size {
    int rows, cols;
} sizes[] = {{24, 80}, {12, 40}, {43, 132}, {16, 60}};

#define BROKEN_MAX 4000

/* The sanitizers take their time; what they look for is no matter of language. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SOME_LANGUAGES true
#else
#define SOME_LANGUAGES false
#endif

struct rules {
    const char *codes[32];
    size_t n_codes;
    unsigned broken;
    char *reported[BROKEN_MAX]; /* each text is reported once for a language and size */
};

static void report(struct rules *r, const char *name, const char *code, const struct size *size,
                   const char *what, const char *text)
{
    AUTOFREE char *key = xasprintf("%s %dx%d %s: %s", code, size->cols, size->rows, what, text);
    for (unsigned i = 0; i < r->broken && i < BROKEN_MAX; i++) {
        if (str_eq(r->reported[i], key))
            return;
    }
    print_error("%s (%s)\n", key, name);
    if (r->broken < BROKEN_MAX)
        r->reported[r->broken] = TAKE(key);
    r->broken++;
}

static bool language_name(const char *word, size_t len)
{
    static const char *const codes[] = {"en", "de", "es", "fr", "it", "nl",    "pl", "pt_BR",
                                        "tr", "ru", "uk", "he", "ar", "zh_CN", "ja"};
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        const struct i18n_language *l = i18n_find(codes[i]);
        if (memmem(l->native, strlen(l->native), word, len) ||
            memmem(l->english, strlen(l->english), word, len))
            return true;
    }
    return false;
}

/* Names and data that stand on the pages of the tests, and words that are the same everywhere. */
static bool known_name(const char *word, size_t len)
{
    static const char *const names[] = {
        /* ours, and words that are settings, keys or files */
        "Joinery", "joinery", "Language", "auto", "firstboot", "unattend", "binary", "text", "sssd",
        "winbind", "set", "offline", "Backspace", "Del", "Down", "End", "Enter", "Esc", "Home",
        "Left", "PgDn", "PgUp", "Right", "Space", "Tab", "PERSISTENTSITE",
        /* of the pages of the tests */
        "Berlin", "Debian", "Windows", "Pro", "Kiosks", "WORKGROUP", "vfat", "joiner", "KIOSK",
        "STICK"};
    if (language_name(word, len))
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (strlen(names[i]) == len && !strncmp(names[i], word, len))
            return true;
    }
    return false;
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Plain English words in a made-up language are texts that do not go through the catalogue. A word
 * with digits, dots, slashes and the like in it is data. */
static void check_words(struct rules *r, const char *name, const char *code,
                        const struct size *size, const char *text)
{
    for (const char *p = text; *p;) {
        size_t len = strcspn(p, " \n");
        bool word = len >= 3;
        size_t from = 0, to = len;
        while (from < to && strchr("([{<\"'", p[from]))
            from++;
        while (to > from && strchr(")]}>\"'.,:;?!", p[to - 1]))
            to--;
        for (size_t i = from; i < to && word; i++)
            word = letter(p[i]);
        if (word && to - from >= 3 && !known_name(p + from, to - from)) {
            AUTOFREE char *copy = xstrndup(p + from, to - from);
            report(r, name, code, size, "not translated", copy);
        }
        p += len + (p[len] != '\0');
    }
}

/* Without colours and reverse video: an arrow or brackets at the focus or on the row above it (a
 * field below its label). A text on top of everything has the keys to itself. */
static bool focus_is_marked(const struct canvas *c)
{
    int row, col;
    if (!canvas_cursor(c, &row, &col))
        return false;
    for (int r = row - 6 > 0 ? row - 6 : 0; r <= row; r++) {
        for (int k = 0; k < canvas_cols(c); k++) {
            const struct cell *cell = canvas_cell(c, r, k);
            bool near = r == row || k < 2;
            if (near && strchr(">[(", cell->text[0]) && cell->text[0])
                return true;
        }
    }
    return false;
}

static void check_size(struct rules *r, const char *name, struct drive *d, const char *code,
                       const struct size *size)
{
    struct canvas *c = drive_draw(d, size->rows, size->cols);
    if (!c) {
        report(r, name, code, size, "broken", name);
        return;
    }
    const struct canvas_faults *f = canvas_faults(c);
    if (f->cut)
        report(r, name, code, size, "cut", f->text);
    if (f->overlaps)
        report(r, name, code, size, "one on another", f->text);
    /* The longest errors of the made-up long language are beyond the smallest screen. */
    bool beyond = !strcmp(code, "en_XA") && size->rows == 12 && !strncmp(name, "message line", 12);
    if (f->unseen && !beyond)
        report(r, name, code, size, "no row", f->text);
    if (f->notes && size->rows >= 24)
        report(r, name, code, size, "no row", f->text);
    bool page = d->w.overlay == OVER_NONE || d->w.overlay == OVER_QUESTION;
    if (page && !focus_is_marked(c))
        report(r, name, code, size, "focus", "by nothing but its colour");
    if (!strncmp(code, "en_X", 4) && size->cols == 80) {
        AUTOFREE char *text = canvas_dump_text(c);
        check_words(r, name, code, size, text);
    }
    canvas_free(c);
}

static void check_scene(void *ctx, const char *name, struct drive *d)
{
    struct rules *r = ctx;
    for (size_t l = 0; l < r->n_codes; l++) {
        if (!i18n_set_language(r->codes[l]))
            fail_msg("no catalogue for %s", r->codes[l]);
        size_t n = strstr(name, ": cause ") ? 2 : ARRAY_SIZE(sizes); /* many, and all alike */
        for (size_t i = 0; i < n; i++)
            check_size(r, name, d, r->codes[l], &sizes[i]);
    }
    (void)i18n_set_language("en");
}

static void hold(struct rules *r)
{
    scenes_each(check_scene, r);
    for (unsigned i = 0; i < r->broken && i < BROKEN_MAX; i++)
        free(r->reported[i]);
    if (r->broken)
        fail_msg("%u texts break the rules", r->broken);
}

/* However small the window becomes in between: afterwards everything is where it was. */
static void comes_back(void *ctx, const char *name, struct drive *d)
{
    static const struct size small[] = {{11, 39}, {1, 1}, {12, 40}, {14, 60}};
    (void)ctx;
    if (strstr(name, ": cause "))
        return;
    struct canvas *before = drive_draw(d, 24, 80);
    assert_non_null(before);
    for (size_t i = 0; i < ARRAY_SIZE(small); i++) {
        struct canvas *c = drive_draw(d, small[i].rows, small[i].cols);
        assert_non_null(c);
        canvas_free(c);
    }
    struct canvas *after = drive_draw(d, 24, 80);
    assert_non_null(after);
    if (!canvas_equal(before, after)) {
        AUTOFREE char *was = canvas_dump_text(before), *is = canvas_dump_text(after);
        fail_msg("%s\n%s\n%s", name, was, is);
    }
    canvas_free(before);
    canvas_free(after);
}

static void a_window_that_grows_again_shows_the_same(void **state)
{
    (void)state;
    scenes_each(comes_back, NULL);
    fake_reset();
    fake.siblings = 300;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_OU);
    drive_focus(d, FLD_OUS);
    for (int i = 0; i < 100; i++)
        drive_key(d, ACT_DOWN);
    for (int i = 0; i < 5; i++)
        drive_key(d, ACT_UP);
    comes_back(NULL, "in the middle of a tree", d);
    drive_free(d);
}

static void rules_hold_in_every_language(void **state)
{
    (void)state;
    static struct rules r;
    const struct i18n_language *list;
    size_t n = i18n_languages(&list);
    r = (struct rules){0};
    for (size_t i = 0; i < n && r.n_codes < ARRAY_SIZE(r.codes); i++) {
        if (!SOME_LANGUAGES || strstr("en de ar ja", list[i].code))
            r.codes[r.n_codes++] = list[i].code;
    }
    hold(&r);
}

static void rules_hold_in_made_up_languages(void **state)
{
    (void)state;
    static struct rules r;
    r = (struct rules){.codes = {"en_XA", "en_XB", "en_XW"}, .n_codes = 3};
    hold(&r);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(a_window_that_grows_again_shows_the_same),
        T(rules_hold_in_every_language),
        T(rules_hold_in_made_up_languages),
    };
    i18n_start();
    if (argc > 3 && !strcmp(argv[1], "--gallery"))
        return write_gallery(argv[2], argv[3], argc > 4 ? argv[4] : NULL);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
