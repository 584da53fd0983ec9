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

/* ---- answer files ----------------------------------------------------------------------------*/

static void test_unattend_new(void **s UNUSED)
{
    struct apply_setup t;
    apply_begin(&t, TREE_GENERALIZED);
    AUTOFREE char *before = apply_picture(&t, NULL);
    apply_job(&t, JOB_PLAN);
    assert_int_equal(t.said.err.code, 0);
    assert_true(apply_said(&t.said.changes, "/Windows/Panther/unattend.xml: New answer file"));
    AUTOFREE char *planned = apply_picture(&t, NULL);
    assert_string_equal(planned, before);
    apply_job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    assert_true(apply_said(&t.said.steps, "open ok"));
    assert_true(apply_said(&t.said.steps, "inspect ok"));
    assert_true(apply_said(&t.said.steps, "image ok"));
    assert_true(apply_said(&t.said.steps, "commit ok"));
    apply_expect_answer(&t, "/Windows/Panther/unattend.xml");
    /* Nothing else has changed, and the data is nowhere else. */
    AUTOFREE char *after = apply_picture(&t, "/Windows/Panther/unattend.xml");
    assert_string_equal(after, before);
    assert_null(strstr(after, (const char *)t.base64.data));
    /* A second time it is a join that waits. */
    apply_job(&t, JOB_RUN);
    assert_int_equal(t.said.err.cause, CAUSE_ANSWER_FILE_JOINS);
    apply_end(&t);
}

static void test_unattend_no_folder(void **s UNUSED)
{
    struct apply_setup t;
    apply_begin(&t, TREE_GENERALIZED);
    scratch_unlink(t.root, "/Windows/Panther/setupact.log");
    AUTOFREE char *panther = xasprintf("%s/Windows/Panther", t.root);
    assert_int_equal(rmdir(panther), 0);
    apply_job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    apply_expect_answer(&t, "/Windows/Panther/unattend.xml");
    apply_end(&t);
}

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
        struct apply_setup t;
        apply_begin(&t, TREE_GENERALIZED);
        scratch_put(t.root, rows[i].first, rows[i].first_text, 0644);
        if (rows[i].second)
            scratch_put(t.root, rows[i].second, rows[i].second_text, 0644);
        AUTOFREE char *before = apply_picture(&t, rows[i].expected);
        apply_job(&t, JOB_RUN);
        assert_int_equal(t.said.err.code, 0);
        apply_expect_answer(&t, rows[i].expected);
        AUTOFREE char *after = apply_picture(&t, rows[i].expected);
        assert_string_equal(after, before);
        apply_end(&t);
    }
}

static void make_system(const struct apply_setup *t, void (*change)(struct tiny *))
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
    struct apply_setup t;
    apply_begin(&t, TREE_GENERALIZED);
    make_system(&t, name_answer);
    scratch_put(t.root, "/Windows/Mine/answers.xml", SPECIALIZE, 0644);
    scratch_put(t.root, "/Windows/Panther/unattend.xml", SPECIALIZE, 0644);
    apply_job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    apply_expect_answer(&t, "/Windows/Mine/answers.xml");
    apply_end(&t);

    apply_begin(&t, TREE_GENERALIZED);
    make_system(&t, name_elsewhere);
    apply_job(&t, JOB_CHECK);
    assert_true(apply_said(&t.said.verdicts, "image-answer-file warning 50"));
    apply_job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    assert_int_equal(t.said.notice.cause, CAUSE_ANSWER_FILE_ELSEWHERE);
    assert_string_equal(err_fact_get(&t.said.notice, FACT_FILE), "D:\\answers.xml");
    apply_end(&t);
}

static void test_unattend_other_name(void **s UNUSED)
{
    static const char xml[] =
        "<unattend xmlns=\"" URN "\"><settings pass=\"specialize\"><component "
        "name=\"Microsoft-Windows-Shell-Setup\" processorArchitecture=\"amd64\">"
        "<ComputerName>OTHER</ComputerName></component></settings></unattend>";
    struct apply_setup t;
    apply_begin(&t, TREE_GENERALIZED);
    scratch_put(t.root, "/Windows/Panther/unattend.xml", xml, 0644);
    apply_job(&t, JOB_PLAN);
    assert_true(apply_said(&t.said.verdicts, "image-answer-file warning 2716"));
    apply_job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    assert_int_equal(t.said.notice.cause, CAUSE_ANSWER_FILE_NAME);
    assert_string_equal(err_fact_get(&t.said.notice, FACT_VALUE), "OTHER");
    apply_end(&t);
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
        struct apply_setup t;
        apply_begin(&t, TREE_GENERALIZED);
        scratch_put(t.root, "/Windows/Panther/unattend.xml", rows[i].xml, 0644);
        AUTOFREE char *before = apply_picture(&t, NULL);
        apply_job(&t, JOB_RUN);
        assert_int_equal(t.said.err.code, rows[i].code);
        assert_non_null(strstr(err_fact_get(&t.said.err, FACT_FILE), "/Panther/unattend.xml"));
        apply_job(&t, JOB_CHECK);
        AUTOFREE char *line = xasprintf("image-answer-file fail %u", (unsigned)rows[i].code);
        assert_true(apply_said(&t.said.verdicts, line));
        AUTOFREE char *after = apply_picture(&t, NULL);
        assert_string_equal(after, before);
        apply_end(&t);
    }
}

/* ---- an image that is set up -----------------------------------------------------------------*/

static void test_firstboot(void **s UNUSED)
{
    struct apply_setup t;
    apply_begin(&t, TREE_COMPLETE);
    apply_job(&t, JOB_IMAGE);
    assert_int_equal(t.said.err.code, 0);
    assert_int_equal(t.said.image.err.code, 0);
    assert_int_equal(t.said.image.method, IMAGE_FIRSTBOOT);
    assert_string_equal(t.said.image.name, "DESKTOP-TINY");
    assert_true(apply_said(&t.said.verdicts, "image-method ok 0"));
    AUTOFREE char *before = apply_picture(&t, "/Windows/System32/config/");
    apply_job(&t, JOB_PLAN);
    assert_true(apply_said(&t.said.changes, "Setup\\CmdLine: "));
    apply_job(&t, JOB_RUN);
    assert_int_equal(t.said.err.code, 0);
    AUTOFREE char *after = apply_picture(&t, "/Windows/System32/config/");
    assert_string_equal(after, before);
    AUTOFREE char *ours = scratch_picture(t.root, "/Windows/System32/config", NULL);
    assert_non_null(strstr(ours, "firstboot.cmd"));
    apply_end(&t);
}

static void test_methods(void **s UNUSED)
{
    struct apply_setup t;
    apply_begin(&t, TREE_COMPLETE);
    apply_job_with(&t, JOB_RUN, "offline.image_method=unattend");
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_METHOD_UNFIT);
    apply_end(&t);
    apply_begin(&t, TREE_GENERALIZED);
    apply_job_with(&t, JOB_RUN, "offline.image_method=firstboot");
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_METHOD_UNFIT);
    apply_job_with(&t, JOB_CHECK, "offline.image_method=firstboot");
    assert_true(apply_said(&t.said.verdicts, "image-method fail 87"));
    apply_end(&t);
}

/* ---- which system ----------------------------------------------------------------------------*/

static void test_targets(void **s UNUSED)
{
    struct apply_setup t;
    apply_begin(&t, NULL);
    apply_job(&t, JOB_RUN); /* an empty folder */
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_NO_SYSTEM);
    assert_int_equal(t.said.err.code, CODE_ERROR_INVALID_PARAMETER);
    scratch_put(t.root, "/disk.vhdx", "x", 0644);
    AUTOFREE char *file = xasprintf("offline.image=%s/disk.vhdx", t.root);
    apply_job_with(&t, JOB_RUN, file);
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_IS_FILE);
    AUTOFREE char *nothing = xasprintf("offline.image=%s/nothing", t.root);
    apply_job_with(&t, JOB_RUN, nothing);
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_NO_SYSTEM);
    apply_job_with(&t, JOB_RUN, "offline.image=\\\\server\\share\\win");
    assert_int_equal(t.said.err.cause, CAUSE_UNC_NOT_MOUNTED);
    assert_int_equal(t.said.err.code, CODE_ERROR_NOT_SUPPORTED);
    assert_string_equal(err_fact_get(&t.said.err, FACT_COMMAND),
                        "mount -t cifs //server/share /mnt -o username=NAME");
    apply_job_with(&t, JOB_RUN, "offline.image=/");
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_IS_RUNNING);
    apply_job_with(&t, JOB_RUN, "offline.image=");
    assert_int_equal(t.said.err.cause, CAUSE_IMAGE_IS_RUNNING);
    apply_job_with(&t, JOB_CHECK, "offline.image=");
    assert_true(apply_said(&t.said.verdicts, "target fail 87"));
    apply_end(&t);

    apply_begin(&t, TREE_GENERALIZED);
    apply_job_with(&t, JOB_RUN, "options.provision_online_caller=yes");
    assert_int_equal(t.said.err.cause, CAUSE_ONLINE_CALLER_IMAGE);
    /* The Windows folder itself will do. */
    AUTOFREE char *folder = xasprintf("offline.image=%s/Windows", t.root);
    apply_job_with(&t, JOB_RUN, folder);
    assert_int_equal(t.said.err.code, 0);
    apply_expect_answer(&t, "/Windows/Panther/unattend.xml");
    apply_end(&t);
}

static void test_linux_view(void **s UNUSED)
{
    struct apply_setup t;
    apply_begin(&t, NULL);
    scratch_put(t.root, "/etc/os-release", "PRETTY_NAME=\"Tiny Linux 1\"\nVERSION_ID=1\n", 0644);
    scratch_put(t.root, "/etc/hostname", "golden\n", 0644);
    apply_job(&t, JOB_IMAGE);
    assert_int_equal(t.said.err.code, 0);
    assert_int_equal(t.said.image.kind, SYSTEM_LINUX);
    assert_string_equal(t.said.image.product, "Tiny Linux 1");
    assert_string_equal(t.said.image.name, "golden");
    assert_string_equal(t.said.image.path, t.root);
    assert_int_equal(t.said.image.err.code, 0);
    assert_true(apply_said(&t.said.verdicts, "target ok 0"));
    apply_end(&t);
}

/* Data that is no data is told beside what the image says. */
static void test_bad_data(void **s UNUSED)
{
    struct apply_setup t;
    apply_begin(&t, TREE_GENERALIZED);
    AUTOFREE char *before = apply_picture(&t, NULL);
    t.data.data[20] ^= 0xff;
    apply_job(&t, JOB_CHECK);
    assert_true(apply_said(&t.said.verdicts, "offline-data fail 2719"));
    assert_true(apply_said(&t.said.verdicts, "image-writable ok 0"));
    assert_true(apply_said(&t.said.verdicts, "image-answer-file ok 0"));
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
    AUTOFREE char *after = apply_picture(&t, NULL);
    assert_string_equal(after, before);
    apply_end(&t);
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
