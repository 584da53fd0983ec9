/* Changing an image: what is written, and that nothing is left half-way. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/image/firstboot.h"
#include "tests/unit/scratch.h"
#include "tests/unit/tiny_image.h"

#define OWN     TINY_CONFIG "/" IMAGE_DIR
#define DATA    OWN "/" FIRSTBOOT_DATA
#define SCRIPT  OWN "/" FIRSTBOOT_SCRIPT
#define JOURNAL OWN "/journal"
#define CANARY  "Canary-Passw0rd-of-the-machine"

static char *root;
static struct image im;
static struct err e;
static struct buf djoin = BUF_SECRET(4096);

static void look(void)
{
    image_free(&im);
    err_reset(&e);
    assert_int_equal(image_open(root, &im, &e), 0);
    assert_int_equal(image_inspect(&im, NULL, &e), 0);
}

static int fresh(void **s UNUSED)
{
    root = scratch_new();
    tiny_image_put(root, TINY_SYSTEM, tiny_system());
    tiny_image_put(root, TINY_SOFTWARE, tiny_software("IMAGE_STATE_COMPLETE"));
    buf_free(&djoin);
    djoin = BUF_SECRET(4096);
    buf_str(&djoin, CANARY);
    look();
    return 0;
}

static int done(void **s UNUSED)
{
    image_test_hook = NULL;
    image_free(&im);
    buf_free(&djoin);
    scratch_drop(root);
    return 0;
}

/* Everything, and the registry byte for byte: scratch_picture() shows text only. */
static char *picture(void)
{
    struct buf hive;
    AUTOFREE char *files = scratch_picture(root, "", NULL);
    tiny_image_get(root, TINY_SYSTEM, &hive);
    struct buf b = BUF_INIT(1 << 20);
    buf_str(&b, files);
    for (size_t i = 0; i < hive.len; i++)
        buf_printf(&b, "%02x", hive.data[i]);
    buf_free(&hive);
    return buf_steal(&b);
}

static char *hive_dump(const char *path)
{
    struct buf b;
    tiny_image_get(root, path, &b);
    char *d = tiny_dump(b.data, b.len);
    buf_free(&b);
    return d;
}

static bool there(const char *path)
{
    AUTOFREE char *full = xasprintf("%s%s", root, path);
    return access(full, F_OK) == 0;
}

static struct image_change *prepared(void)
{
    struct image_change *c = NULL;
    err_reset(&e);
    if (image_firstboot_put(&im, &djoin, NULL, &c, &e) != 0)
        return NULL;
    return c;
}

/* ---- the first start --------------------------------------------------------------------------
 */

static void test_put_and_commit(void **s UNUSED)
{
    AUTOFREE char *before = hive_dump(TINY_SYSTEM);
    struct image_change *c = prepared();
    assert_non_null(c);
    assert_true(there(TINY_SYSTEM ".joinery-old"));
    AUTOFREE char *kept = hive_dump(TINY_SYSTEM ".joinery-old");
    assert_string_equal(kept, before);
    assert_int_equal(image_commit(c, &e), 0);
    image_change_free(c);
    assert_false(there(TINY_SYSTEM ".joinery-old"));
    assert_false(there(TINY_SYSTEM ".joinery-new"));
    assert_false(there(JOURNAL));
    assert_int_equal(scratch_mode(root, DATA), 0600);
    assert_int_equal(scratch_mode(root, OWN), 0700);
    AUTOFREE char *data = scratch_get(root, DATA);
    assert_string_equal(data, CANARY);
    AUTOFREE char *after = hive_dump(TINY_SYSTEM);
    CLEANUP(strv_free) struct strv a = {0}, b = {0};
    strv_split(&a, before, "\n");
    strv_split(&b, after, "\n");
    assert_int_equal(a.n, b.n);
    size_t differ = 0;
    for (size_t i = 0; i < a.n; i++) {
        if (strcmp(a.s[i], b.s[i]) == 0)
            continue;
        differ++;
        assert_true(strstr(a.s[i], "\\Setup : CmdLine") || strstr(a.s[i], "\\Setup : SetupType"));
    }
    assert_int_equal(differ, 2);
    /* The password is in the data file and nowhere else. */
    scratch_unlink(root, DATA);
    struct buf hive;
    tiny_image_get(root, TINY_SYSTEM, &hive);
    assert_null(memmem(hive.data, hive.len, CANARY, strlen(CANARY)));
    buf_free(&hive);
}

static void test_prepared_is_pending(void **s UNUSED)
{
    struct image_change *c = prepared();
    assert_int_equal(image_commit(c, &e), 0);
    image_change_free(c);
    look();
    assert_int_equal(im.setup.type, 2);
    assert_int_equal(image_usable(&im, false, &e), -1);
    assert_int_equal(e.cause, CAUSE_IMAGE_PENDING);
    /* Nothing to recover from, and nothing lost by looking. */
    enum image_recovered r;
    assert_int_equal(image_recover(&im, &r, &e), 0);
    assert_int_equal(r, IMAGE_NOTHING_TO_DO);
    assert_true(there(DATA));
}

/* What the shell of Windows will do with it cannot be run here; that each line is one that it
 * understands, and the order of the lines, can be looked at. */
static void test_script(void **s UNUSED)
{
    struct image_change *c = prepared();
    AUTOFREE char *cmd = scratch_get(root, SCRIPT);
    for (const char *p = cmd; *p; p++) {
        assert_true((*p >= ' ' && *p < 0x7f) || *p == '\r' || *p == '\n');
        assert_true(*p != '\n' || (p > cmd && p[-1] == '\r'));
    }
    const char *type = strstr(cmd, "add HKLM\\SYSTEM\\Setup /v SetupType /t REG_DWORD /d 0 /f");
    const char *line = strstr(cmd, "add HKLM\\SYSTEM\\Setup /v CmdLine /t REG_SZ /d \"\" /f");
    const char *run = strstr(cmd, "djoin.exe\" /requestODJ /loadfile");
    const char *wipe = strstr(cmd, "setzerodata");
    const char *del = strstr(cmd, "del /f /q \"%J%\\data.txt\"");
    const char *boot = strstr(cmd, "shutdown.exe");
    assert_true(type && line && run && wipe && del && boot);
    assert_true(type < line && line < run && run < wipe && wipe < del && del < boot);
    assert_null(strstr(cmd, CANARY));
    /* Quotes are paired on every line. */
    unsigned quotes = 0;
    for (const char *p = cmd; *p; p++) {
        quotes += *p == '"';
        if (*p == '\n')
            assert_int_equal(quotes % 2, 0);
    }
    assert_int_equal(image_undo(c, &e), 0);
    image_change_free(c);
}

static void test_absent_values_are_removed_again(void **s UNUSED)
{
    struct tiny *t = tiny_new();
    tiny_u32(t, "Select", "Default", 1);
    tiny_text(t, "ControlSet001\\Control\\ProductOptions", "ProductType", "WinNT");
    tiny_text(t, "Setup", "OsLoaderPath", "\\");
    tiny_image_put(root, TINY_SYSTEM, t);
    look();
    struct image_change *c = prepared();
    assert_non_null(c);
    AUTOFREE char *cmd = scratch_get(root, SCRIPT);
    assert_non_null(strstr(cmd, "delete HKLM\\SYSTEM\\Setup /v SetupType /f"));
    assert_non_null(strstr(cmd, "delete HKLM\\SYSTEM\\Setup /v CmdLine /f"));
    image_change_free(c);
}

static void count_change(void *arg, const char *object, const char *what, const char *detail)
{
    assert_true(*object && *what && detail);
    ++*(unsigned *)arg;
}

static void test_plan(void **s UNUSED)
{
    unsigned n = 0;
    image_firstboot_plan(&im, count_change, &n);
    assert_int_equal(n, 4);
}

/* ---- failures ---------------------------------------------------------------------------------
 */

static void test_undo(void **s UNUSED)
{
    AUTOFREE char *before = picture();
    struct image_change *c = prepared();
    assert_int_equal(image_undo(c, &e), 0);
    image_change_free(c);
    AUTOFREE char *after = picture();
    assert_string_equal(after, before);
}

static void test_dirty_is_untouched(void **s UNUSED)
{
    struct buf b;
    tiny_image_get(root, TINY_SYSTEM, &b);
    b.data[4]++;
    tiny_seal(b.data);
    tiny_image_file(root, TINY_SYSTEM, b.data, b.len);
    buf_free(&b);
    AUTOFREE char *before = picture();
    assert_null(prepared());
    assert_int_equal(e.code, 2717);
    AUTOFREE char *after = picture();
    assert_string_equal(after, before);
}

static void test_cancelled(void **s UNUSED)
{
    struct cancel cancel;
    struct image_change *c = NULL;
    assert_int_equal(cancel_init(&cancel, &e), 0);
    cancel_fire(&cancel);
    AUTOFREE char *before = picture();
    assert_int_equal(image_firstboot_put(&im, &djoin, &cancel, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    AUTOFREE char *after = picture();
    assert_string_equal(after, before);
    cancel_done(&cancel);
}

/* Each call that changes something fails once: all is as before. */
static void test_every_write_fails(void **s UNUSED)
{
    AUTOFREE char *before = picture();
    struct host *real = im.host;
    bool ended = false;
    for (unsigned n = 1; !ended; n++) {
        assert_true(n < 60);
        struct host *bad = host_faulty(real, n, ENOSPC);
        im.host = bad;
        struct image_change *c = prepared();
        ended = c && host_faulty_calls(bad) < n;
        im.host = real;
        if (c) {
            assert_int_equal(image_undo(c, &e), 0);
            image_change_free(c);
        } else {
            assert_int_equal(e.code, 112);
            assert_null(err_fact_get(&e, FACT_LEFT));
        }
        host_close(bad);
        AUTOFREE char *after = picture();
        assert_string_equal(after, before);
    }
}

static void test_two_at_once(void **s UNUSED)
{
    struct image_change *c = prepared();
    assert_null(prepared());
    assert_int_equal(e.cause, CAUSE_LOCK_HELD);
    err_reset(&e);
    assert_int_equal(image_undisturbed(&im, &e), -1);
    assert_int_equal(e.cause, CAUSE_LOCK_HELD);
    enum image_recovered r;
    err_reset(&e);
    assert_int_equal(image_recover(&im, &r, &e), -1);
    assert_int_equal(e.code, 1791);
    err_reset(&e);
    assert_int_equal(image_undo(c, &e), 0);
    image_change_free(c);
}

/* Between reading and switching, somebody else writes: theirs stays. */
static void write_theirs(const char *point)
{
    if (strcmp(point, "written") == 0)
        tiny_image_put(root, TINY_SYSTEM, tiny_system());
}

static void test_changed_meanwhile(void **s UNUSED)
{
    tiny_image_file(root, TINY_SYSTEM ".LOG2", "", 0); /* makes no difference */
    AUTOFREE char *before = picture();
    image_test_hook = write_theirs;
    assert_null(prepared());
    assert_int_equal(e.cause, CAUSE_IMAGE_CHANGED);
    image_test_hook = NULL;
    AUTOFREE char *after = picture();
    assert_string_equal(after, before);
}

/* ---- kill -------------------------------------------------------------------------------------
 */

static int left;

static void die_at(const char *point UNUSED)
{
    if (--left == 0)
        kill(getpid(), SIGKILL);
}

/* Runs `fn` in a child that is killed at its nth point. False when it got to its end. */
static bool killed(int nth, void (*fn)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        left = nth;
        image_test_hook = die_at;
        fn();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status);
}

static void prepare_and_commit(void)
{
    struct image_change *c = prepared();
    if (!c || image_commit(c, &e) != 0)
        _exit(1);
}

static void prepare_and_undo(void)
{
    struct image_change *c = prepared();
    if (!c || image_undo(c, &e) != 0)
        _exit(1);
}

static void recover(void)
{
    enum image_recovered r;
    if (image_recover(&im, &r, &e) != 0)
        _exit(1);
}

static void after_each_kill(void (*fn)(void))
{
    AUTOFREE char *before = picture();
    AUTOFREE char *old_hive = hive_dump(TINY_SYSTEM);
    int n = 1, undone = 0, finished = 0;
    for (; killed(n, fn); n++) {
        enum image_recovered r;
        assert_true(n < 60);
        /* Old or new, and loadable, before anything was cleaned up. */
        image_free(&im);
        look();
        assert_true(im.inspected);
        AUTOFREE char *hive = hive_dump(TINY_SYSTEM);
        assert_true(strcmp(hive, old_hive) == 0 || im.setup.type == 2);
        /* The recovery is killed at its first points as well. */
        for (int k = 1; k < 3; k++)
            killed(k, recover);
        err_reset(&e);
        assert_int_equal(image_recover(&im, &r, &e), 0);
        assert_int_equal(image_recover(&im, &r, &e), 0);
        assert_int_equal(r, IMAGE_NOTHING_TO_DO);
        assert_false(there(JOURNAL));
        assert_false(there(TINY_SYSTEM ".joinery-old"));
        assert_false(there(TINY_SYSTEM ".joinery-new"));
        AUTOFREE char *after = picture();
        if (strcmp(after, before) == 0) {
            undone++;
            continue;
        }
        finished++;
        look();
        assert_int_equal(im.setup.type, 2);
        assert_true(there(DATA) && there(SCRIPT));
        done(NULL);
        fresh(NULL);
    }
    assert_true(undone >= 6);
    assert_true(fn != prepare_and_commit || finished >= 2);
}

static void test_killed_at_each_point(void **s UNUSED)
{
    after_each_kill(prepare_and_commit);
}

static void test_killed_while_undoing(void **s UNUSED)
{
    after_each_kill(prepare_and_undo);
}

/* Killed after the switch; then Windows started, took the data, and changed its registry. */
static void test_windows_was_faster(void **s UNUSED)
{
    assert_true(killed(7, prepare_and_commit));
    look();
    assert_int_equal(im.setup.type, 2);
    struct tiny *t = tiny_system();
    tiny_text(t, "Setup", "Later", "written by Windows");
    tiny_image_put(root, TINY_SYSTEM, t);
    AUTOFREE char *theirs = hive_dump(TINY_SYSTEM);
    enum image_recovered r;
    assert_int_equal(image_recover(&im, &r, &e), 0);
    AUTOFREE char *now = hive_dump(TINY_SYSTEM);
    assert_string_equal(now, theirs);
    assert_false(there(OWN));
    assert_false(there(TINY_SYSTEM ".joinery-old"));
}

/* As above, but the script has removed our folder: what is left is swept. */
static void test_left_backup_is_swept(void **s UNUSED)
{
    enum image_recovered r;
    AUTOFREE char *before = picture();
    scratch_put(root, TINY_SYSTEM ".joinery-old", "left", 0644);
    assert_int_equal(image_recover(&im, &r, &e), 0);
    AUTOFREE char *after = picture();
    assert_string_equal(after, before);
    scratch_put(root, TINY_SYSTEM ".joinery-old", "left", 0644);
    scratch_put(root, TINY_SYSTEM ".joinery-new", "left", 0644);
    struct image_change *c = prepared();
    assert_non_null(c);
    assert_int_equal(image_commit(c, &e), 0);
    image_change_free(c);
    assert_false(there(TINY_SYSTEM ".joinery-old"));
}

static void test_interrupted_is_said(void **s UNUSED)
{
    assert_true(killed(4, prepare_and_commit));
    assert_true(image_interrupted(&im));
    assert_int_equal(image_undisturbed(&im, &e), -1);
    assert_int_equal(e.cause, CAUSE_IMAGE_INTERRUPTED);
    assert_null(prepared());
    assert_int_equal(e.cause, CAUSE_IMAGE_INTERRUPTED);
}

/* ---- other files ------------------------------------------------------------------------------
 */

#define ANSWER "/Windows/Panther/unattend.xml"

static struct image_change *put_answer(const char *text)
{
    struct image_change *c = NULL;
    const struct image_file f = {ANSWER, text, strlen(text), IMAGE_FILE_SECRET, NULL};
    err_reset(&e);
    return image_put(&im, &f, 1, NULL, &c, &e) == 0 ? c : NULL;
}

static void test_secret_replaced_and_undone(void **s UNUSED)
{
    scratch_put(root, ANSWER, "<old/>", 0644);
    AUTOFREE char *before = picture();
    struct image_change *c = put_answer(CANARY);
    assert_non_null(c);
    assert_int_equal(scratch_mode(root, ANSWER), 0600);
    assert_int_equal(image_undo(c, &e), 0);
    assert_int_equal(image_undo(c, &e), 0); /* again is fine */
    image_change_free(c);
    AUTOFREE char *after = picture();
    assert_string_equal(after, before);
    c = put_answer(CANARY);
    assert_int_equal(image_commit(c, &e), 0);
    image_change_free(c);
    AUTOFREE char *now = scratch_get(root, ANSWER);
    assert_string_equal(now, CANARY);
    assert_false(there(ANSWER ".joinery-old"));
    assert_false(there(OWN));
}

static void test_secret_new_and_undone(void **s UNUSED)
{
    scratch_put(root, "/Windows/Panther/setup.log", "", 0644);
    AUTOFREE char *before = picture();
    struct image_change *c = put_answer(CANARY);
    assert_non_null(c);
    assert_int_equal(image_undo(c, &e), 0);
    image_change_free(c);
    AUTOFREE char *after = picture();
    assert_string_equal(after, before);
}

static void test_link_in_the_place(void **s UNUSED)
{
    scratch_put(root, "/Windows/Panther/real.xml", "<old/>", 0644);
    scratch_link(root, "real.xml", ANSWER);
    AUTOFREE char *before = picture();
    assert_null(put_answer(CANARY));
    AUTOFREE char *after = picture();
    assert_string_equal(after, before);
    /* Our folder is not taken from somebody else's hands either. */
    scratch_unlink(root, ANSWER);
    scratch_link(root, "/Windows/Panther", OWN);
    AUTOFREE char *again = picture();
    assert_null(put_answer(CANARY));
    AUTOFREE char *still = picture();
    assert_string_equal(still, again);
}

/* Mode, owner and extended attributes (which is how NTFS drivers show access lists) stay. */
static void test_attributes_stay(void **s UNUSED)
{
    char value[16] = "";
    AUTOFREE char *path = xasprintf("%s" TINY_SYSTEM, root);
    assert_int_equal(chmod(path, 0640), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(path, 12, 34), 0);
    if (setxattr(path, "user.test", "kept", 4, 0) != 0)
        skip();
    struct image_change *c = prepared();
    assert_non_null(c);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    if (geteuid() == 0) {
        assert_int_equal(st.st_uid, 12);
        assert_int_equal(st.st_gid, 34);
    }
    assert_int_equal(getxattr(path, "user.test", value, sizeof value), 4);
    assert_string_equal(value, "kept");
    image_change_free(c);
}

static void test_hostile_journal(void **s UNUSED)
{
    static const char *const bad[] = {
        "",
        "nonsense\n",
        "joinery-image 1\n",
        "joinery-image 1\nput 1 0 00 /Windows/explorer.exe\n",
        "joinery-image 1\nput 1 0 0000000000000000 /etc/passwd\nbegin\n",
        "joinery-image 1\nput 2 0 0000000000000000 /Windows/../etc/passwd\nbegin\n",
        "joinery-image 1\nput 2 0 0000000000000000 Windows\nbegin\n",
    };
    scratch_put(root, "/Windows/explorer.exe", "x", 0644);
    scratch_put(root, "/etc/passwd", "x", 0644);
    AUTOFREE char *before = picture();
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        enum image_recovered r;
        scratch_put(root, JOURNAL, bad[i], 0600);
        err_reset(&e);
        if (image_recover(&im, &r, &e) != 0)
            scratch_unlink(root, JOURNAL);
        AUTOFREE char *own = xasprintf("%s" OWN, root);
        rmdir(own);
        AUTOFREE char *after = picture();
        assert_string_equal(after, before);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, fresh, done)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(test_put_and_commit),
        T(test_prepared_is_pending),
        T(test_script),
        T(test_absent_values_are_removed_again),
        T(test_plan),
        T(test_undo),
        T(test_dirty_is_untouched),
        T(test_cancelled),
        T(test_every_write_fails),
        T(test_changed_meanwhile),
        T(test_two_at_once),
        T(test_killed_at_each_point),
        T(test_killed_while_undoing),
        T(test_windows_was_faster),
        T(test_left_backup_is_swept),
        T(test_interrupted_is_said),
        T(test_secret_replaced_and_undone),
        T(test_secret_new_and_undone),
        T(test_link_in_the_place),
        T(test_attributes_stay),
        T(test_hostile_journal),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
