/* Every picture in every language. `test_pictures --gallery FILE LANGUAGE` writes them as text, for
 * whoever translates them. */
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
    if (!strncmp(name, "message line", 12))
        return; /* the same sentences as on the last page */
    (void)i18n_set_language(g->code);
    struct canvas *c = drive_draw(d, 24, 80);
    if (!c)
        return;
    AUTOFREE char *text = canvas_dump_text(c);
    canvas_free(c);
    if (!seen_before(g, text))
        fprintf(g->file, "== %s ==\n%s\n", name, text);
}

static int write_gallery(const char *path, const char *code)
{
    static struct gallery g;
    g.file = fopen(path, "w");
    g.code = code;
    if (!g.file || !i18n_set_language(code)) {
        fprintf(stderr, "%s: no file or no catalogue for %s\n", path, code);
        return 1;
    }
    scenes_each(into_gallery, &g);
    return fclose(g.file) != 0;
}

static void draws(void *ctx, const char *name, struct drive *d)
{
    (void)ctx;
    struct canvas *c = drive_draw(d, 24, 80);
    if (!c)
        fail_msg("%s", name);
    canvas_free(c);
}

static void every_scene_is_drawn(void **state)
{
    (void)state;
    scenes_each(draws, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(every_scene_is_drawn),
    };
    i18n_start();
    if (argc > 3 && !strcmp(argv[1], "--gallery"))
        return write_gallery(argv[2], argv[3]);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
