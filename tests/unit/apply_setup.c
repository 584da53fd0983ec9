#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/xml/unattend.h"
#include "tests/unit/apply_setup.h"

void apply_begin(struct apply_setup *t, const char *image_state)
{
    struct err e = {0};
    *t = (struct apply_setup){.root = scratch_new()};
    t->data = BUF_SECRET(ODJ_MAX);
    t->base64 = BUF_SECRET(ODJ_MAX);
    tree_data(&t->data);
    assert_int_equal(offline_text(t->data.data, t->data.len, &t->base64, &e), 0);
    t->image_option = xasprintf("offline.image=%s", t->root);
    if (image_state)
        tree_make(t->root, image_state);
}

void apply_end(struct apply_setup *t)
{
    said_free(&t->said);
    buf_free(&t->data);
    buf_free(&t->base64);
    free(t->image_option);
    scratch_drop(t->root);
}

void apply_job_with(struct apply_setup *t, enum job job, const char *more)
{
    const char *const settings[] = {"enrollment.operation=apply", t->image_option, more, NULL};
    said_free(&t->said);
    tree_job(job, "/", &t->data, settings, &t->said);
}

void apply_job(struct apply_setup *t, enum job what)
{
    apply_job_with(t, what, NULL);
}

bool apply_said(const struct strv *list, const char *line)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strstr(list->s[i], line))
            return true;
    }
    for (size_t i = 0; i < list->n; i++)
        print_message("%s\n", list->s[i]);
    return false;
}

char *apply_picture(const struct apply_setup *t, const char *but)
{
    return scratch_picture(t->root, "", but);
}

/* The file's data is the data given. */
void apply_expect_answer(const struct apply_setup *t, const char *path)
{
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    AUTOFREE char *text = scratch_get(t->root, path);
    assert_non_null(text);
    assert_int_equal(unattend_account_data(text, strlen(text), &b, &e), 0);
    assert_string_equal(buf_text(&b), (const char *)t->base64.data);
    assert_int_equal(scratch_mode(t->root, path) & 0777, 0600);
    buf_free(&b);
}
