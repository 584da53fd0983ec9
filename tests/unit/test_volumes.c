#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/apply/mounts.h"
#include "engine/apply/unc.h"
#include "engine/apply/volumes_look.h"
#include "engine/host/search.h"
#include "engine/offline/offline.h"
#include "tests/unit/image_tree.h"
#include "tests/unit/scratch.h"

/* ---- mountinfo -------------------------------------------------------------------------------*/

static void test_mounts(void **s UNUSED)
{
    static const char text[] =
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n"
        "40 27 8:17 /a\\040b /mnt/USB\\040\\134stick ro,nosuid shared:1 master:2 - vfat "
        "/dev/sdb1 rw,utf8\n"
        "broken line\n"
        "41 27 8:18 / /mnt/x rw - ext4\n"
        "42 27 0:50 / /mnt/y rw,errors=remount-ro - cifs //srv/Share rw,vers=3\n"
        "43 27 0:51 / /mnt/z rw - ntfs3 /dev/sdc1 ro,uid=0\n"
        "44 27 0:52 / relative rw - ext4 /dev/sdd rw\n";
    struct mounts m;
    mounts_parse(text, &m);
    assert_int_equal(m.n, 4);
    assert_string_equal(m.m[1].point, "/mnt/USB \\stick");
    assert_string_equal(m.m[1].root, "/a b");
    assert_int_equal(m.m[1].major, 8);
    assert_int_equal(m.m[1].minor, 17);
    assert_true(m.m[1].read_only);
    assert_false(m.m[0].read_only);
    assert_string_equal(m.m[2].source, "//srv/Share");
    assert_false(m.m[2].read_only);
    assert_true(m.m[3].read_only);
    mounts_free(&m);
    mounts_parse("", &m);
    assert_int_equal(m.n, 0);
    mounts_free(&m);
}

/* ---- shares ----------------------------------------------------------------------------------*/

static void test_unc_is(void **s UNUSED)
{
    assert_true(unc_is("\\\\server\\share"));
    assert_true(unc_is("//server/share/x"));
    assert_true(unc_is("\\\\?\\UNC\\server\\share"));
    assert_true(unc_is("\\\\?\\unc\\server\\share"));
    assert_false(unc_is("\\\\.\\C:\\Windows"));
    assert_false(unc_is("\\\\?\\C:\\Windows"));
    assert_false(unc_is("/mnt/windows"));
    assert_false(unc_is("\\server\\share"));
    assert_false(unc_is("C:\\Windows"));
    assert_false(unc_is(""));
}

static void follows(const struct mounts *m, const char *root, const char *unc, const char *want)
{
    struct err e = {0};
    char *got;
    AUTOFREE char *full = xasprintf("%s%s", root, want);
    if (unc_follow(unc, m, &got, &e) < 0)
        fail_msg("%s: %s", unc, cause_row(e.cause)->id);
    assert_string_equal(got, full);
    free(got);
}

static void ends_with(const struct mounts *m, const char *unc, enum cause cause)
{
    struct err e = {0};
    char *got;
    assert_int_equal(unc_follow(unc, m, &got, &e), -1);
    assert_null(got);
    assert_int_equal(e.cause, cause);
}

static void test_unc_follow(void **s UNUSED)
{
    char *root = scratch_new();
    scratch_put(root, "/a/Images/Win10/file", "", 0644);
    scratch_put(root, "/b/file", "", 0644);
    scratch_put(root, "/c/Deep/x", "", 0644);
    scratch_put(root, "/d/eleven/x", "", 0644);
    scratch_put(root, "/secret/x", "", 0644);
    scratch_link(root, "/../secret", "/a/out");
    AUTOFREE char *text =
        xasprintf("1 1 0:1 / %s/a rw - cifs //SRV.corp.test/Share rw,addr=10.0.0.7,vers=3.1.1\n"
                  "2 1 0:2 / %s/b rw - cifs //srv.corp.test/share/Images/WIN7 rw\n"
                  "3 1 0:3 /sub %s/c rw - smb3 //other/data rw\n"
                  "4 1 0:4 / %s/secret rw - nfs //srv.corp.test/nfs rw\n"
                  "5 1 0:5 /Images/win %s/d rw - cifs //third/disks/images/Win rw\n",
                  root, root, root, root, root);
    struct mounts m;
    mounts_parse(text, &m);
    follows(&m, root, "\\\\srv.corp.test\\SHARE", "/a");
    follows(&m, root, "\\\\srv.corp.test\\share\\images\\WIN10\\", "/a/Images/Win10");
    follows(&m, root, "//10.0.0.7/share/Images/./Win10", "/a/Images/Win10");
    follows(&m, root, "\\\\?\\UNC\\srv.corp.test\\share\\Images", "/a/Images");
    /* The mount that covers more of the path. */
    follows(&m, root, "\\\\srv.corp.test\\share\\Images\\win7", "/b");
    /* A part of a share that was mounted from it. */
    follows(&m, root, "\\\\other\\data\\sub\\deep", "/c/Deep");
    /* The same, as the kernel usually tells it: the part's path twice. */
    follows(&m, root, "\\\\third\\disks\\images\\win\\Eleven", "/d/eleven");
    ends_with(&m, "\\\\third\\disks\\images", CAUSE_UNC_NOT_MOUNTED);
    ends_with(&m, "\\\\other\\data\\else", CAUSE_UNC_NOT_MOUNTED);
    ends_with(&m, "\\\\srv.corp.test\\nfs", CAUSE_UNC_NOT_MOUNTED);
    ends_with(&m, "\\\\srv\\share", CAUSE_UNC_NOT_MOUNTED);
    ends_with(&m, "\\\\srv.corp.test", CAUSE_IMAGE_NO_SYSTEM);
    ends_with(&m, "\\\\srv.corp.test\\share\\nothing", CAUSE_IMAGE_NO_SYSTEM);
    ends_with(&m, "\\\\srv.corp.test\\share\\..\\..\\secret", CAUSE_IMAGE_NO_SYSTEM);
    /* A link in the share leads to nothing outside of it. */
    ends_with(&m, "\\\\srv.corp.test\\share\\out\\x", CAUSE_IMAGE_NO_SYSTEM);
    mounts_free(&m);
    scratch_drop(root);
}

/* No command is made of names that a shell would take for something else. */
static void test_unc_command(void **s UNUSED)
{
    struct err e = {0};
    struct mounts none = {0};
    char *got;
    assert_int_equal(unc_follow("\\\\a;reboot\\b", &none, &got, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_COMMAND),
                        "mount -t cifs //SERVER/SHARE /mnt -o username=NAME");
}

/* ---- searching -------------------------------------------------------------------------------*/

static bool note(void *arg, const char *path, const void *head UNUSED, size_t len UNUSED)
{
    strv_add(arg, path);
    return true;
}

static void test_search(void **s UNUSED)
{
    struct strv found = {0};
    char *root = scratch_new();
    scratch_put(root, "/one", "0123456789", 0644);
    scratch_put(root, "/short", "0", 0644);
    scratch_put(root, "/d/two", "0123456789", 0644);
    scratch_put(root, "/d/e/three", "0123456789", 0644);
    scratch_link(root, "one", "/link");
    scratch_link(root, "d", "/dlink");
    AUTOFREE char *fifo = xasprintf("%s/fifo", root), *one = xasprintf("%s/one", root);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    struct search q = {.root = root,
                       .depth = 1,
                       .files_max = 100,
                       .folders_max = 100,
                       .size_min = 5,
                       .size_max = 100,
                       .time_ms = 10000,
                       .found = note,
                       .arg = &found};
    struct stat before, after;
    assert_int_equal(stat(one, &before), 0);
    assert_true(host_search(&q));
    assert_int_equal(stat(one, &after), 0);
    assert_memory_equal(&before.st_atim, &after.st_atim, sizeof before.st_atim);
    assert_int_equal(found.n, 2);
    assert_string_equal(found.s[0], one);
    assert_true(str_iends(found.s[1], "/d/two"));
    strv_free(&found);
    q.depth = 5;
    assert_true(host_search(&q));
    assert_int_equal(found.n, 3);
    strv_free(&found);
    q.files_max = 1;
    assert_false(host_search(&q));
    assert_true(found.n <= 1);
    strv_free(&found);
    atomic_bool stop = true;
    q.files_max = 100;
    q.stop = &stop;
    assert_false(host_search(&q));
    assert_int_equal(found.n, 0);
    q.root = "/nonexistent";
    assert_false(host_search(&q));
    strv_free(&found);
    scratch_drop(root);
}

/* ---- volumes ---------------------------------------------------------------------------------*/

static struct volume_view volume(const char *path)
{
    return (struct volume_view){.path = xstrdup(path), .system = xstrdup("")};
}

static void put_data(const char *root, const char *path, enum offline_format f)
{
    struct err e = {0};
    struct buf b = BUF_SECRET(ODJ_MAX), out = BUF_SECRET(ODJ_MAX);
    tree_data(&b);
    assert_int_equal(offline_write(b.data, b.len, f, NULL, NULL, &out, &e), 0);
    tree_put(root, path, out.data, out.len);
    buf_free(&b);
    buf_free(&out);
}

static bool has_blob(const struct volume_view *v, const char *root, const char *path)
{
    AUTOFREE char *full = xasprintf("%s%s", root, path);
    return strv_has(&v->blobs, full);
}

static void test_windows_volume(void **s UNUSED)
{
    char *root = scratch_new();
    struct err e = {0};
    tree_make(root, TREE_COMPLETE);
    put_data(root, "/a.odj", OFFLINE_BINARY);
    put_data(root, "/sub/b.txt", OFFLINE_TEXT);
    put_data(root, "/sub/c.xml", OFFLINE_UNATTEND);
    put_data(root, "/Windows/hidden.odj", OFFLINE_BINARY);
    scratch_put(root, "/other.xml",
                "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><settings "
                "pass=\"windowsPE\"/></unattend>",
                0644);
    scratch_put(root, "/notes.txt", "nothing of ours nothing of ours nothing of ours nothing",
                0644);
    scratch_link(root, "/etc", "/sub/outside");
    AUTOFREE char *before = scratch_picture(root, "/", NULL);
    struct volume_view v = volume(root);
    assert_int_equal(volume_look(&v, VOLUME_LOOK_MS, NULL, &e), 0);
    assert_int_equal(v.kind, SYSTEM_WINDOWS);
    assert_string_equal(v.system, "Windows 10 Pro, 19041");
    assert_int_equal(v.err.code, 0);
    assert_int_equal(v.blobs.n, 3);
    assert_true(has_blob(&v, root, "/a.odj"));
    assert_true(has_blob(&v, root, "/sub/b.txt"));
    assert_true(has_blob(&v, root, "/sub/c.xml"));
    volume_view_free(&v);
    v = volume(root);
    v.read_only = true;
    assert_int_equal(volume_look(&v, VOLUME_LOOK_MS, NULL, &e), 0);
    assert_int_equal(v.err.code, CODE_ERROR_WRITE_PROTECT);
    volume_view_free(&v);
    AUTOFREE char *after = scratch_picture(root, "/", NULL);
    assert_string_equal(after, before);
    scratch_drop(root);
}

static void test_linux_volume(void **s UNUSED)
{
    char *root = scratch_new();
    struct err e = {0};
    scratch_put(root, "/etc/os-release", "PRETTY_NAME=\"Tiny Linux\"\n", 0644);
    put_data(root, "/root/x.odj", OFFLINE_BINARY);
    struct volume_view v = volume(root);
    assert_int_equal(volume_look(&v, VOLUME_LOOK_MS, NULL, &e), 0);
    assert_int_equal(v.kind, SYSTEM_LINUX);
    assert_string_equal(v.system, "Tiny Linux");
    assert_true(has_blob(&v, root, "/root/x.odj"));
    volume_view_free(&v);
    scratch_drop(root);
}

static void test_cancelled(void **s UNUSED)
{
    struct cancel c;
    struct err e = {0};
    char *root = scratch_new();
    assert_int_equal(cancel_init(&c, &e), 0);
    cancel_fire(&c);
    struct volume_view v = volume(root);
    assert_int_equal(volume_look(&v, VOLUME_LOOK_MS, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    volume_view_free(&v);
    cancel_done(&c);
    scratch_drop(root);
}

static size_t threads(void)
{
    struct strv names = {0};
    struct host *h;
    struct err e = {0};
    assert_int_equal(host_linux_open("/proc/self/task", &h, &e), 0);
    assert_int_equal(host_list(h, "/", &names, &e), 0);
    size_t n = names.n;
    strv_free(&names);
    host_close(h);
    return n;
}

#ifdef __SANITIZE_THREAD__
#define OWN_THREADS 2 /* the sanitizer has one */
#else
#define OWN_THREADS 1
#endif

/* A file system whose server never answers. */
static void test_silent(void **s UNUSED)
{
    char *root = scratch_new();
    struct err e = {0};
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    AUTOFREE char *options = xasprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
    if (fd < 0 || mount("silent", root, "fuse", 0, options) != 0) {
        if (fd >= 0)
            close(fd);
        scratch_drop(root);
        skip();
    }
    /* That of the test before may still be ending. */
    while (threads() > OWN_THREADS)
        sched_yield();
    size_t before = threads();
    struct volume_view v = volume(root);
    assert_int_equal(volume_look(&v, 100, NULL, &e), 0);
    assert_int_equal(v.err.cause, CAUSE_VOLUME_SILENT);
    assert_int_equal(v.kind, SYSTEM_NONE);
    volume_view_free(&v);
    assert_int_equal(threads(), before + 1);
    /* The thread that was left behind ends with the server. */
    close(fd);
    while (threads() > before)
        sched_yield();
    assert_int_equal(umount2(root, MNT_DETACH), 0);
    scratch_drop(root);
}

static void test_fstype(void **s UNUSED)
{
    static const struct {
        size_t at;
        const char *magic;
        const char *type;
    } rows[] = {{3, "NTFS    ", "ntfs3"},
                {3, "-FVE-FS-", "BitLocker"},
                {3, "EXFAT   ", "exfat"},
                {0, "XFSB", "xfs"},
                {0x438, "\x53\xef", "ext4"}};
    char label[64];
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned char head[VOLUME_HEAD] = {0};
        memcpy(head + rows[i].at, rows[i].magic, strlen(rows[i].magic));
        assert_string_equal(volume_fstype(head, sizeof head, label), rows[i].type);
        assert_null(volume_fstype(head, 100, label));
    }
    unsigned char fat[VOLUME_HEAD] = {0};
    memcpy(fat + 82, "FAT32   ", 8);
    memcpy(fat + 71, "MY\x1bSTICK   ", 11);
    assert_null(volume_fstype(fat, sizeof fat, label));
    fat[510] = 0x55;
    fat[511] = 0xaa;
    assert_string_equal(volume_fstype(fat, sizeof fat, label), "vfat");
    assert_null(strchr(label, '\x1b'));
    assert_non_null(strstr(label, "STICK"));
    assert_int_not_equal(label[strlen(label) - 1], ' ');
}

/* ---- the whole list --------------------------------------------------------------------------*/

static const char *line_of(const struct said *h, const char *point)
{
    for (size_t i = 0; i < h->volumes.n; i++) {
        size_t n = strlen(point);
        if (strncmp(h->volumes.s[i], point, n) == 0 && h->volumes.s[i][n] == ' ')
            return h->volumes.s[i];
    }
    return "";
}

static int bind_here(const char *what, const char *point, unsigned long flags)
{
    if (mkdir(point, 0755) != 0 || mount(what, point, NULL, MS_BIND, NULL) != 0)
        return -1;
    return flags ? mount(NULL, point, NULL, MS_BIND | MS_REMOUNT | flags, NULL) : 0;
}

/* In a mount name space of its own; exits with 0, 77 where that cannot be had, or the number of
 * what is wrong. */
static int list_volumes(const char *root)
{
    const char *const none[] = {"enrollment.operation=apply", NULL};
    struct said heard;
    struct stat st;
    /* What lives in memory is no volume, and its folders neither. */
    if (stat(root, &st) != 0 || major(st.st_dev) == 0)
        return 77;
    AUTOFREE char *windows = xasprintf("%s/windows", root), *win = xasprintf("%s/m win", root);
    AUTOFREE char *ro = xasprintf("%s/m-ro", root), *data = xasprintf("%s/data", root);
    AUTOFREE char *stick = xasprintf("%s/m-stick", root), *dull = xasprintf("%s/dull", root);
    AUTOFREE char *nothing = xasprintf("%s/m-nothing", root),
                  *under = xasprintf("%s/m-under", root);
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        bind_here(windows, win, 0) != 0 || bind_here(data, under, 0) != 0 ||
        mount(dull, under, NULL, MS_BIND, NULL) != 0 || bind_here(data, stick, 0) != 0 ||
        bind_here(dull, nothing, 0) != 0)
        return 77;
    /* The same folder once more, read only: one line for both. */
    if (bind_here(windows, ro, MS_RDONLY) != 0)
        return 77;
    tree_job(JOB_VOLUMES, "/", NULL, none, &heard);
    if (heard.err.code)
        return 1;
    AUTOFREE char *w = xasprintf("%s 1 Windows 10 Pro, 19041", win);
    AUTOFREE char *d = xasprintf("%s 0  %s/a.odj", stick, stick);
    if (!str_eq(line_of(&heard, win), w))
        return 2;
    if (!str_eq(line_of(&heard, stick), d))
        return 3;
    if (*line_of(&heard, nothing) || *line_of(&heard, ro) || *line_of(&heard, under))
        return 4;
    if (!*line_of(&heard, "/"))
        return 5;
    said_free(&heard);
    return 0;
}

static void test_list(void **s UNUSED)
{
    int status;
    if (geteuid() != 0)
        skip();
    char *root = scratch_new();
    AUTOFREE char *windows = xasprintf("%s/windows", root);
    assert_int_equal(mkdir(windows, 0755), 0);
    tree_make(windows, TREE_COMPLETE);
    put_data(root, "/data/a.odj", OFFLINE_BINARY);
    scratch_put(root, "/dull/file", "nothing", 0644);
    pid_t pid = fork();
    if (pid == 0)
        _exit(list_volumes(root));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    scratch_drop(root);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mounts),       cmocka_unit_test(test_unc_is),
        cmocka_unit_test(test_unc_follow),   cmocka_unit_test(test_unc_command),
        cmocka_unit_test(test_search),       cmocka_unit_test(test_windows_volume),
        cmocka_unit_test(test_linux_volume), cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_fstype),       cmocka_unit_test(test_silent),
        cmocka_unit_test(test_list),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
