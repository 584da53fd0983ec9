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

#include "engine/image/unattend.h"
#include "engine/offline/offline.h"
#include "engine/xml/unattend.h"
#include "tests/unit/image_tree.h"
#include "tests/unit/scratch.h"
#include "tests/unit/tiny_hive.h"

#define URN "urn:schemas-microsoft-com:unattend"

struct setup {
    char *root, *image_option;
    struct buf data;
    struct buf base64; /* of the data: the canary */
    struct said said;
};

static void begin(struct setup *t, const char *image_state)
{
    struct err e = {0};
    *t = (struct setup){.root = scratch_new()};
    t->data = BUF_SECRET(ODJ_MAX);
    t->base64 = BUF_SECRET(ODJ_MAX);
    tree_data(&t->data);
    assert_int_equal(offline_text(t->data.data, t->data.len, &t->base64, &e), 0);
    t->image_option = xasprintf("offline.image=%s", t->root);
    if (image_state)
        tree_make(t->root, image_state);
}

static void end(struct setup *t)
{
    said_free(&t->said);
    buf_free(&t->data);
    buf_free(&t->base64);
    free(t->image_option);
    scratch_drop(t->root);
}

static void job_with(struct setup *t, enum job job, const char *more)
{
    const char *const settings[] = {"enrollment.operation=apply", t->image_option, more, NULL};
    said_free(&t->said);
    tree_job(job, "/", &t->data, settings, &t->said);
}

static void job(struct setup *t, enum job what)
{
    job_with(t, what, NULL);
}

static bool said(const struct strv *list, const char *line)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strstr(list->s[i], line))
            return true;
    }
    for (size_t i = 0; i < list->n; i++)
        print_message("%s\n", list->s[i]);
    return false;
}

static char *picture(const struct setup *t, const char *but)
{
    return scratch_picture(t->root, "", but);
}

/* The file's data is the data given. */
static void expect_answer(const struct setup *t, const char *path)
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

/* ---- answer files ----------------------------------------------------------------------------*/

static void test_unattend_new(void **s UNUSED)
{
    struct setup t;
    begin(&t, TREE_GENERALIZED);
    AUTOFREE char *before = picture(&t, NULL);
    job(&t, JOB_PLAN);
    assert_int_equal(t.said.err.code, 0);
    assert_true(said(&t.said.changes, "/Windows/Panther/unattend.xml: New answer file"));
    AUTOFREE char *planned = picture(&t, NULL);
    assert_string_equal(planned, before);
    job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    assert_true(said(&t.said.steps, "open ok"));
    assert_true(said(&t.said.steps, "inspect ok"));
    assert_true(said(&t.said.steps, "image ok"));
    assert_true(said(&t.said.steps, "commit ok"));
    expect_answer(&t, "/Windows/Panther/unattend.xml");
    /* Nothing else has changed, and the data is nowhere else. */
    AUTOFREE char *after = picture(&t, "/Windows/Panther/unattend.xml");
    assert_string_equal(after, before);
    assert_null(strstr(after, (const char *)t.base64.data));
    /* A second time it is a join that waits. */
    job(&t, JOB_RUN);
    assert_int_equal(t.said.err.cause, CAUSE_ANSWER_FILE_JOINS);
    end(&t);
}

static void test_unattend_no_folder(void **s UNUSED)
{
    struct setup t;
    begin(&t, TREE_GENERALIZED);
    scratch_unlink(t.root, "/Windows/Panther/setupact.log");
    AUTOFREE char *panther = xasprintf("%s/Windows/Panther", t.root);
    assert_int_equal(rmdir(panther), 0);
    job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    expect_answer(&t, "/Windows/Panther/unattend.xml");
    end(&t);
}

#define SPECIALIZE                                                                                 \
    "<?xml version=\"1.0\"?>\n<unattend xmlns=\"" URN "\"><settings pass=\"specialize\">"          \
    "<component name=\"X\">1</component></settings></unattend>\n"
#define OOBE                                                                                       \
    "<?xml version=\"1.0\"?>\n<unattend xmlns=\"" URN "\"><settings pass=\"oobeSystem\">"          \
    "<component name=\"X\">1</component></settings></unattend>\n"

/* Setup's search order; a file without settings for the pass is passed over. */
static void test_unattend_search(void **s UNUSED)
{
    static const struct {
        const char *first, *first_text, *second, *second_text, *expected;
    } rows[] = {
        {"/Windows/Panther/Unattend/unattend.xml", SPECIALIZE, "/Windows/panther/unattend.xml",
         SPECIALIZE, "/Windows/Panther/Unattend/unattend.xml"},
        {"/Windows/Panther/unattend.xml", SPECIALIZE, "/Windows/System32/Sysprep/unattend.xml",
         SPECIALIZE, "/Windows/Panther/unattend.xml"},
        {"/Windows/Panther/unattend.xml", OOBE, "/Windows/System32/Sysprep/Unattend.xml",
         SPECIALIZE, "/Windows/System32/Sysprep/Unattend.xml"},
        {"/Windows/Panther/unattend.xml", OOBE, "/Windows/System32/Sysprep/Unattend.xml", OOBE,
         "/Windows/Panther/unattend.xml"},
        {"/Windows/System32/Sysprep/unattend.xml", OOBE, "/unattend.xml", SPECIALIZE,
         "/unattend.xml"},
        {"/AutoUnattend.xml", OOBE, NULL, NULL, "/AutoUnattend.xml"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct setup t;
        begin(&t, TREE_GENERALIZED);
        scratch_put(t.root, rows[i].first, rows[i].first_text, 0644);
        if (rows[i].second)
            scratch_put(t.root, rows[i].second, rows[i].second_text, 0644);
        AUTOFREE char *before = picture(&t, rows[i].expected);
        job(&t, JOB_RUN);
        assert_int_equal(t.said.err.code, 0);
        expect_answer(&t, rows[i].expected);
        AUTOFREE char *after = picture(&t, rows[i].expected);
        assert_string_equal(after, before);
        end(&t);
    }
}

static void make_system(const struct setup *t, void (*change)(struct tiny *))
{
    struct buf b = BUF_INIT(1u << 20);
    struct tiny *h = tiny_system();
    change(h);
    tiny_build(h, &b);
    tree_put(t->root, "/Windows/System32/config/SYSTEM", b.data, b.len);
    buf_free(&b);
    tiny_free(h);
}

static void name_answer(struct tiny *h)
{
    tiny_text(h, "Setup", "UnattendFile", "C:\\WINDOWS\\mine\\answers.xml");
}

static void name_elsewhere(struct tiny *h)
{
    tiny_text(h, "Setup", "UnattendFile", "D:\\answers.xml");
}

/* The file that the registry names goes before all others; one that is out of reach is told. */
static void test_unattend_named(void **s UNUSED)
{
    struct setup t;
    begin(&t, TREE_GENERALIZED);
    make_system(&t, name_answer);
    scratch_put(t.root, "/Windows/Mine/answers.xml", SPECIALIZE, 0644);
    scratch_put(t.root, "/Windows/Panther/unattend.xml", SPECIALIZE, 0644);
    job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    expect_answer(&t, "/Windows/Mine/answers.xml");
    end(&t);

    begin(&t, TREE_GENERALIZED);
    make_system(&t, name_elsewhere);
    job(&t, JOB_CHECK);
    assert_true(said(&t.said.verdicts, "image-answer-file warning 50"));
    job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    assert_int_equal(t.said.notice.cause, CAUSE_ANSWER_FILE_ELSEWHERE);
    assert_string_equal(err_fact_get(&t.said.notice, FACT_FILE), "D:\\answers.xml");
    end(&t);
}

static void test_unattend_other_name(void **s UNUSED)
{
    static const char xml[] =
        "<unattend xmlns=\"" URN "\"><settings pass=\"specialize\"><component "
        "name=\"Microsoft-Windows-Shell-Setup\" processorArchitecture=\"amd64\">"
        "<ComputerName>OTHER</ComputerName></component></settings></unattend>";
    struct setup t;
    begin(&t, TREE_GENERALIZED);
    scratch_put(t.root, "/Windows/Panther/unattend.xml", xml, 0644);
    job(&t, JOB_PLAN);
    assert_true(said(&t.said.verdicts, "image-answer-file warning 2716"));
    job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    assert_int_equal(t.said.notice.cause, CAUSE_ANSWER_FILE_NAME);
    assert_string_equal(err_fact_get(&t.said.notice, FACT_VALUE), "OTHER");
    end(&t);
}

/* What cannot be merged leaves the image as it was. */
static void test_unattend_refused(void **s UNUSED)
{
    static const struct {
        const char *xml;
        uint32_t code;
    } rows[] = {
        {"<unattend", CODE_ERROR_BAD_FORMAT},
        {"<!DOCTYPE a [<!ENTITY b \"c\">]><unattend xmlns=\"" URN "\">&b;</unattend>",
         CODE_ERROR_BAD_FORMAT},
        {"<html/>", CODE_ERROR_BAD_FORMAT},
        {"<unattend xmlns=\"" URN "\"><settings pass=\"specialize\"><component "
         "name=\"Microsoft-Windows-UnattendedJoin\" processorArchitecture=\"amd64\">"
         "<Identification><JoinDomain>x</JoinDomain></Identification></component></settings>"
         "</unattend>",
         CODE_NERR_SetupAlreadyJoined},
        {"<unattend xmlns=\"" URN "\"><settings pass=\"specialize\"><component "
         "name=\"Microsoft-Windows-UnattendedJoin\" processorArchitecture=\"amd64\">"
         "<Identification><JoinWorkgroup>x</JoinWorkgroup></Identification></component></settings>"
         "</unattend>",
         CODE_ERROR_ALREADY_EXISTS},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct setup t;
        begin(&t, TREE_GENERALIZED);
        scratch_put(t.root, "/Windows/Panther/unattend.xml", rows[i].xml, 0644);
        AUTOFREE char *before = picture(&t, NULL);
        job(&t, JOB_RUN);
        assert_int_equal(t.said.err.code, rows[i].code);
        assert_non_null(strstr(err_fact_get(&t.said.err, FACT_FILE), "/Panther/unattend.xml"));
        job(&t, JOB_CHECK);
        AUTOFREE char *line = xasprintf("image-answer-file fail %u", (unsigned)rows[i].code);
        assert_true(said(&t.said.verdicts, line));
        AUTOFREE char *after = picture(&t, NULL);
        assert_string_equal(after, before);
        end(&t);
    }
}

/* ---- an image that is set up -----------------------------------------------------------------*/

static void test_firstboot(void **s UNUSED)
{
    struct setup t;
    begin(&t, TREE_COMPLETE);
    job(&t, JOB_IMAGE);
    assert_int_equal(t.said.err.code, 0);
    assert_int_equal(t.said.image.err.code, 0);
    assert_int_equal(t.said.image.method, IMAGE_FIRSTBOOT);
    assert_string_equal(t.said.image.name, "DESKTOP-TINY");
    assert_true(said(&t.said.verdicts, "image-method ok 0"));
    AUTOFREE char *before = picture(&t, "/Windows/System32/config/");
    job(&t, JOB_PLAN);
    assert_true(said(&t.said.changes, "Setup\\CmdLine: "));
    job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    AUTOFREE char *after = picture(&t, "/Windows/System32/config/");
    assert_string_equal(after, before);
    AUTOFREE char *ours = scratch_picture(t.root, "/Windows/System32/config", NULL);
    assert_non_null(strstr(ours, "firstboot.cmd"));
    end(&t);
}

static void test_methods(void **s UNUSED)
{
    struct setup t;
    begin(&t, TREE_COMPLETE);
    job_with(&t, JOB_RUN, "offline.image_method=unattend");
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_METHOD_UNFIT);
    end(&t);
    begin(&t, TREE_GENERALIZED);
    job_with(&t, JOB_RUN, "offline.image_method=firstboot");
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_METHOD_UNFIT);
    job_with(&t, JOB_CHECK, "offline.image_method=firstboot");
    assert_true(said(&t.said.verdicts, "image-method fail 87"));
    end(&t);
}

/* ---- which system ----------------------------------------------------------------------------*/

static void test_targets(void **s UNUSED)
{
    struct setup t;
    begin(&t, NULL);
    job(&t, JOB_RUN); /* an empty folder */
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_NO_SYSTEM);
    assert_int_equal(t.said.err.code, CODE_ERROR_INVALID_PARAMETER);
    scratch_put(t.root, "/disk.vhdx", "x", 0644);
    AUTOFREE char *file = xasprintf("offline.image=%s/disk.vhdx", t.root);
    job_with(&t, JOB_RUN, file);
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_IS_FILE);
    AUTOFREE char *nothing = xasprintf("offline.image=%s/nothing", t.root);
    job_with(&t, JOB_RUN, nothing);
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_NO_SYSTEM);
    job_with(&t, JOB_RUN, "offline.image=\\\\server\\share\\win");
    assert_int_equal(t.said.err.cause, CAUSE_UNC_NOT_MOUNTED);
    assert_int_equal(t.said.err.code, CODE_ERROR_NOT_SUPPORTED);
    assert_string_equal(err_fact_get(&t.said.err, FACT_COMMAND),
                        "mount -t cifs //server/share /mnt -o username=NAME");
    job_with(&t, JOB_RUN, "offline.image=/");
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_IS_RUNNING);
    job_with(&t, JOB_RUN, "offline.image=");
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_IS_RUNNING);
    job_with(&t, JOB_CHECK, "offline.image=");
    assert_true(said(&t.said.verdicts, "target fail 87"));
    end(&t);

    begin(&t, TREE_GENERALIZED);
    job_with(&t, JOB_RUN, "options.provision_online_caller=yes");
    assert_int_equal(t.said.err.cause, CAUSE_ONLINE_CALLER_IMAGE);
    /* The Windows folder itself will do. */
    AUTOFREE char *folder = xasprintf("offline.image=%s/Windows", t.root);
    job_with(&t, JOB_RUN, folder);
    assert_int_equal(t.said.err.code, 0);
    expect_answer(&t, "/Windows/Panther/unattend.xml");
    end(&t);
}

static void test_linux_view(void **s UNUSED)
{
    struct setup t;
    begin(&t, NULL);
    scratch_put(t.root, "/etc/os-release", "PRETTY_NAME=\"Tiny Linux 1\"\nVERSION_ID=1\n", 0644);
    scratch_put(t.root, "/etc/hostname", "golden\n", 0644);
    job(&t, JOB_IMAGE);
    assert_int_equal(t.said.err.code, 0);
    assert_int_equal(t.said.image.kind, SYSTEM_LINUX);
    assert_string_equal(t.said.image.product, "Tiny Linux 1");
    assert_string_equal(t.said.image.name, "golden");
    assert_string_equal(t.said.image.path, t.root);
    assert_int_equal(t.said.image.err.code, 0);
    assert_true(said(&t.said.verdicts, "target ok 0"));
    end(&t);
}

/* Data that is no data is told beside what the image says. */
static void test_bad_data(void **s UNUSED)
{
    struct setup t;
    begin(&t, TREE_GENERALIZED);
    AUTOFREE char *before = picture(&t, NULL);
    t.data.data[20] ^= 0xff;
    job(&t, JOB_CHECK);
    assert_true(said(&t.said.verdicts, "offline-data fail 2719"));
    assert_true(said(&t.said.verdicts, "image-writable ok 0"));
    assert_true(said(&t.said.verdicts, "image-answer-file ok 0"));
    for (size_t n = 0; n < t.data.len; n += 37) {
        struct buf cut = BUF_SECRET(ODJ_MAX);
        struct said heard;
        const char *const settings[] = {"enrollment.operation=apply", t.image_option, NULL};
        buf_put(&cut, t.data.data, n);
        tree_job(JOB_RUN, "/", &cut, settings, &heard);
        assert_int_not_equal(heard.err.code, 0);
        said_free(&heard);
        buf_free(&cut);
    }
    AUTOFREE char *after = picture(&t, NULL);
    assert_string_equal(after, before);
    end(&t);
}

/* ---- killed ----------------------------------------------------------------------------------*/

static unsigned points_left;

static void count_down(const char *point UNUSED)
{
    if (points_left-- == 0)
        raise(SIGKILL);
}

/* True: it was killed at its point number `at`; false: it came to its end. */
static bool run_killed(struct setup *t, enum job what, unsigned at)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        points_left = at;
        image_test_hook = count_down;
        job(t, what);
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

static void drop_folder(const struct setup *t)
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
        struct setup t;
        begin(&t, image_state);
        if (old_answer)
            scratch_put(t.root, path, old_answer, 0640);
        AUTOFREE char *before = picture(&t, NULL);
        bool killed = run_killed(&t, JOB_RUN, at);
        if (killed) {
            AUTOFREE char *now = scratch_get(t.root, path);
            bool old = old_answer ? str_eq(now, old_answer) : now == NULL;
            if (!old)
                expect_answer(&t, path);
            /* What was interrupted is seen to first. */
            job(&t, JOB_RECOVER);
            assert_int_equal(t.said.err.code, 0);
            AUTOFREE char *after = picture(&t, NULL);
            if (strcmp(after, before) != 0) {
                expect_answer(&t, path);
                AUTOFREE char *rest = picture(&t, path), *had = NULL;
                struct setup clean;
                begin(&clean, image_state);
                had = picture(&clean, path);
                assert_string_equal(rest, had);
                end(&clean);
            }
        } else {
            expect_answer(&t, path);
        }
        end(&t);
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
        struct setup t;
        assert_true(at < 40);
        begin(&t, TREE_GENERALIZED);
        drop_folder(&t);
        AUTOFREE char *before = picture(&t, NULL);
        killed = run_killed(&t, JOB_RUN, at);
        job(&t, JOB_RECOVER);
        AUTOFREE char *after = picture(&t, NULL);
        if (!killed || strcmp(after, before) != 0)
            expect_answer(&t, "/Windows/Panther/unattend.xml");
        end(&t);
    }
}

/* A link that leads nowhere in the image is left as it is. */
static void test_folder_is_link(void **s UNUSED)
{
    struct setup t;
    begin(&t, TREE_GENERALIZED);
    drop_folder(&t);
    AUTOFREE char *folder = xasprintf("%s/Windows/Panther", t.root);
    assert_int_equal(symlink("/tmp/elsewhere", folder), 0);
    AUTOFREE char *before = picture(&t, NULL);
    job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 29);
    AUTOFREE char *after = picture(&t, NULL);
    assert_string_equal(after, before);
    end(&t);
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
    struct setup t;
    struct image im[2];
    struct image_answer a[2];
    struct image_change *c = NULL;
    struct err e = {0};
    begin(&t, TREE_GENERALIZED);
    if (old_answer)
        tree_put(t.root, "/Windows/Panther/unattend.xml", old_answer, strlen(old_answer));
    make_answer(&im[0], t.root, buf_text(&t.base64), &a[0]);
    make_answer(&im[1], t.root, "AAAA", &a[1]);
    assert_int_equal(image_answer_put(&im[0], &a[0], NULL, &c, &e), 0);
    assert_int_equal(image_commit(c, &e), 0);
    image_change_free(c);
    assert_int_equal(image_answer_put(&im[1], &a[1], NULL, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_IMAGE_CHANGED);
    expect_answer(&t, "/Windows/Panther/unattend.xml");
    for (size_t i = 0; i < 2; i++) {
        image_answer_free(&a[i]);
        image_free(&im[i]);
    }
    end(&t);
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
        struct setup t;
        begin(&t, image_state);
        AUTOFREE char *before = picture(&t, NULL);
        points_left = at;
        image_test_hook = cancel_there;
        job(&t, JOB_RUN);
        image_test_hook = NULL;
        cancelled = t.said.err.code != 0;
        AUTOFREE char *after = picture(&t, NULL);
        if (cancelled) {
            assert_int_equal(t.said.err.cause, CAUSE_CANCELLED);
            assert_string_equal(after, before);
        } else {
            assert_true(at > 2);
            assert_string_not_equal(after, before);
        }
        end(&t);
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
        cmocka_unit_test(test_unattend_new),
        cmocka_unit_test(test_unattend_no_folder),
        cmocka_unit_test(test_unattend_search),
        cmocka_unit_test(test_unattend_named),
        cmocka_unit_test(test_unattend_other_name),
        cmocka_unit_test(test_unattend_refused),
        cmocka_unit_test(test_firstboot),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_linux_view),
        cmocka_unit_test(test_bad_data),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_killed_without_folder),
        cmocka_unit_test(test_folder_is_link),
        cmocka_unit_test(test_two_at_once),
        cmocka_unit_test(test_cancelled),
    };
    /* For the end-to-end scripts: an image to work on, and data for it. */
    if (argc == 4 && strcmp(argv[1], "--image") == 0) {
        struct buf b = BUF_SECRET(ODJ_MAX);
        tree_make(argv[2], argv[3]);
        tree_data(&b);
        tree_put(argv[2], "/../data.odj", b.data, b.len);
        buf_free(&b);
        return 0;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
