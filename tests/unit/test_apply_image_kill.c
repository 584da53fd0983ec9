/* Applying to an image that is killed, cancelled or done twice at once, at every point. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/xml/unattend.h"
#include "tests/unit/apply_setup.h"
#include "tests/unit/tiny_hive.h"

/* ---- killed ----------------------------------------------------------------------------------*/

static unsigned points_left;

static void count_down(const char *point UNUSED)
{
    if (points_left-- == 0)
        raise(SIGKILL);
}

/* True: it was killed at its point number `at`; false: it came to its end. */
static bool run_killed(struct apply_setup *t, enum job what, unsigned at)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        points_left = at;
        image_test_hook = count_down;
        apply_job(t, what);
        _exit(t->said.err.code ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

static void drop_folder(const struct apply_setup *t)
{
    AUTOFREE char *cmd = xasprintf("rm -r '%s/Windows/Panther'", t->root);
    assert_int_equal(system(cmd), 0);
}

/* Wherever it is killed, the answer file is the old or the new one, and afterwards nothing of ours
 * is left, or all of it is in place. */
static void kill_everywhere(const char *image_state, const char *old_answer)
{
    static const char path[] = "/Windows/Panther/unattend.xml";
    for (unsigned at = 0; at < 40; at++) {
        struct apply_setup t;
        apply_begin(&t, image_state);
        if (old_answer)
            scratch_put(t.root, path, old_answer, 0640);
        AUTOFREE char *before = apply_picture(&t, NULL);
        bool killed = run_killed(&t, JOB_RUN, at);
        if (killed) {
            AUTOFREE char *now = scratch_get(t.root, path);
            bool old = old_answer ? str_eq(now, old_answer) : now == NULL;
            if (!old)
                apply_expect_answer(&t, path);
            /* What was interrupted is seen to first. */
            apply_job(&t, JOB_RECOVER);
            assert_int_equal(t.said.err.code, 0);
            AUTOFREE char *after = apply_picture(&t, NULL);
            if (strcmp(after, before) != 0) {
                apply_expect_answer(&t, path);
                AUTOFREE char *rest = apply_picture(&t, path), *had = NULL;
                struct apply_setup clean;
                apply_begin(&clean, image_state);
                had = apply_picture(&clean, path);
                assert_string_equal(rest, had);
                apply_end(&clean);
            }
        } else {
            apply_expect_answer(&t, path);
        }
        apply_end(&t);
        if (!killed) {
            assert_true(at > 5);
            return;
        }
    }
    fail_msg("no end");
}

/* The folder that was made for the file goes with it. */
static void test_killed_without_folder(void **s UNUSED)
{
    bool killed = true;
    for (unsigned at = 0; killed; at++) {
        struct apply_setup t;
        assert_true(at < 40);
        apply_begin(&t, TREE_GENERALIZED);
        drop_folder(&t);
        AUTOFREE char *before = apply_picture(&t, NULL);
        killed = run_killed(&t, JOB_RUN, at);
        apply_job(&t, JOB_RECOVER);
        AUTOFREE char *after = apply_picture(&t, NULL);
        if (!killed || strcmp(after, before) != 0)
            apply_expect_answer(&t, "/Windows/Panther/unattend.xml");
        apply_end(&t);
    }
}

/* A link that leads nowhere in the image is left as it is. */
static void test_folder_is_link(void **s UNUSED)
{
    struct apply_setup t;
    apply_begin(&t, TREE_GENERALIZED);
    drop_folder(&t);
    AUTOFREE char *folder = xasprintf("%s/Windows/Panther", t.root);
    assert_int_equal(symlink("/tmp/elsewhere", folder), 0);
    AUTOFREE char *before = apply_picture(&t, NULL);
    apply_job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 29);
    AUTOFREE char *after = apply_picture(&t, NULL);
    assert_string_equal(after, before);
    apply_end(&t);
}

static void test_killed(void **s UNUSED)
{
    kill_everywhere(TREE_GENERALIZED, NULL);
    kill_everywhere(TREE_GENERALIZED, SPECIALIZE);
}

/* ---- two at once -----------------------------------------------------------------------------*/

static void make_answer(struct image *im, const char *root, const char *base64,
                        struct image_answer *ret)
{
    struct err e = {0};
    assert_int_equal(image_open(root, im, &e), 0);
    assert_int_equal(image_inspect(im, NULL, &e), 0);
    assert_int_equal(image_answer_make(im, base64, strlen(base64), ret, &e), 0);
}

/* Both looked before either wrote: the second does not replace the first one's data. */
static void two_at_once(const char *old_answer)
{
    struct apply_setup t;
    struct image im[2];
    struct image_answer a[2];
    struct image_change *c = NULL;
    struct err e = {0};
    apply_begin(&t, TREE_GENERALIZED);
    if (old_answer)
        tree_put(t.root, "/Windows/Panther/unattend.xml", old_answer, strlen(old_answer));
    make_answer(&im[0], t.root, buf_text(&t.base64), &a[0]);
    make_answer(&im[1], t.root, "AAAA", &a[1]);
    assert_int_equal(image_answer_put(&im[0], &a[0], NULL, &c, &e), 0);
    assert_int_equal(image_commit(c, &e), 0);
    image_change_free(c);
    assert_int_equal(image_answer_put(&im[1], &a[1], NULL, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_IMAGE_CHANGED);
    apply_expect_answer(&t, "/Windows/Panther/unattend.xml");
    for (size_t i = 0; i < 2; i++) {
        image_answer_free(&a[i]);
        image_free(&im[i]);
    }
    apply_end(&t);
}

static void test_two_at_once(void **s UNUSED)
{
    two_at_once(NULL);
    two_at_once(SPECIALIZE);
}

/* ---- cancelled -------------------------------------------------------------------------------*/

static void cancel_there(const char *point UNUSED)
{
    if (points_left-- == 0)
        cancel_fire(tree_cancel);
}

/* Until the commit is begun everything goes back; after that it ends well. */
static void cancel_everywhere(const char *image_state)
{
    bool cancelled = true;
    for (unsigned at = 0; at < 40 && cancelled; at++) {
        struct apply_setup t;
        apply_begin(&t, image_state);
        AUTOFREE char *before = apply_picture(&t, NULL);
        points_left = at;
        image_test_hook = cancel_there;
        apply_job(&t, JOB_RUN);
        image_test_hook = NULL;
        cancelled = t.said.err.code != 0;
        AUTOFREE char *after = apply_picture(&t, NULL);
        if (cancelled) {
            assert_int_equal(t.said.err.cause, CAUSE_CANCELLED);
            assert_string_equal(after, before);
        } else {
            assert_true(at > 2);
            assert_string_not_equal(after, before);
        }
        apply_end(&t);
    }
    assert_false(cancelled);
}

static void test_cancelled(void **s UNUSED)
{
    cancel_everywhere(TREE_GENERALIZED);
    cancel_everywhere(TREE_COMPLETE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed),         cmocka_unit_test(test_killed_without_folder),
        cmocka_unit_test(test_folder_is_link), cmocka_unit_test(test_two_at_once),
        cmocka_unit_test(test_cancelled),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
