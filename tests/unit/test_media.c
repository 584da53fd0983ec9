/* Sticks that nobody mounted: what is asked of the system, and that nothing stays mounted. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/apply/media.h"
#include "tests/unit/scratch.h"

struct machine {
    char *root;
    struct session s;
    struct host_ops ops;
    struct cancel cancel;
};

static struct strv mounted; /* "device type point" */
static int refuse;

static sem_t let_on, undone; /* a stick that holds the kernel up; it was unmounted again */
static atomic_bool slow;

static int fake_mount(struct host *h, const char *device, const char *fstype, const char *point,
                      struct err *e)
{
    struct host_meta meta;
    bool right =
        slow || (host_stat(h, point, &meta, e) == 0 && meta.kind == HOST_DIR && meta.mode == 0700);
    if (slow)
        sem_wait(&let_on); /* the point may be gone by now, as it may for the kernel */
    if (refuse || !right)
        return err_errno(e, CAUSE_FILE_READ_FAILED, right ? refuse : ENOTDIR, device);
    strv_addf(&mounted, "%s %s %s", device, fstype, point);
    return 0;
}

static int fake_umount(struct host *h, const char *point, struct err *e)
{
    (void)h;
    struct strv left = {0};
    bool found = false;
    for (size_t i = 0; i < mounted.n; i++) {
        if (!found && strcmp(strrchr(mounted.s[i], ' ') + 1, point) == 0)
            found = true;
        else
            strv_add(&left, mounted.s[i]);
    }
    strv_free(&mounted);
    mounted = left;
    if (slow)
        sem_post(&undone);
    return found ? 0 : err_errno(e, CAUSE_FILE_READ_FAILED, EINVAL, point);
}

static int setup(void **state)
{
    struct machine *m = calloc(1, sizeof *m);
    struct err e = {0};
    m->root = scratch_new();
    scratch_put(m->root, "/run/utmp", "", 0644);
    if (host_linux_open(m->root, &m->s.here, &e) < 0)
        return -1;
    m->ops = *m->s.here->ops;
    m->ops.mount = fake_mount;
    m->ops.umount = fake_umount;
    m->s.here->ops = &m->ops;
    refuse = 0;
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct machine *m = *state;
    host_close(m->s.here);
    scratch_drop(m->root);
    strv_free(&mounted);
    free(m);
    return 0;
}

static void sticks_are_mounted_and_let_go(void **state)
{
    struct machine *m = *state;
    AUTOFREE char *first = media_mount(&m->s, "/dev/sdb1", "vfat", 20000);
    AUTOFREE char *second = media_mount(&m->s, "/dev/sdc1", "ntfs", 20000);
    assert_string_equal(first, MEDIA_DIR "/0");
    assert_string_equal(second, MEDIA_DIR "/1");
    assert_int_equal(mounted.n, 2);
    assert_string_equal(mounted.s[0], "/dev/sdb1 vfat " MEDIA_DIR "/0");
    assert_string_equal(mounted.s[1], "/dev/sdc1 ntfs3 " MEDIA_DIR "/1");
    media_release(&m->s);
    assert_int_equal(mounted.n, 0);
    assert_int_equal(m->s.media, 0);
    assert_false(host_exists(m->s.here, MEDIA_DIR));
}

static void other_volumes_are_left_alone(void **state)
{
    struct machine *m = *state;
    static const char *const types[] = {"",     "BitLocker",   "crypto_LUKS",
                                        "swap", "LVM2_member", "nfs"};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        assert_null(media_mount(&m->s, "/dev/sdb1", types[i], 20000));
    assert_int_equal(mounted.n, 0);
    assert_false(host_exists(m->s.here, MEDIA_DIR));
}

static void a_broken_stick_leaves_nothing(void **state)
{
    struct machine *m = *state;
    refuse = EIO;
    assert_null(media_mount(&m->s, "/dev/sdb1", "ext4", 20000));
    assert_false(host_exists(m->s.here, MEDIA_DIR "/0"));
    refuse = 0;
    AUTOFREE char *point = media_mount(&m->s, "/dev/sdc1", "ext4", 20000);
    assert_string_equal(point, MEDIA_DIR "/0");
}

static void there_is_an_end(void **state)
{
    struct machine *m = *state;
    for (unsigned i = 0; i < MEDIA_MAX; i++) {
        AUTOFREE char *point = media_mount(&m->s, "/dev/sdb1", "vfat", 20000);
        assert_non_null(point);
    }
    assert_null(media_mount(&m->s, "/dev/sdb1", "vfat", 20000));
}

static void what_a_killed_run_left_is_unmounted(void **state)
{
    struct machine *m = *state;
    AUTOFREE char *a = media_mount(&m->s, "/dev/sdb1", "vfat", 20000);
    m->s.media = 0; /* another program */
    AUTOFREE char *b = media_mount(&m->s, "/dev/sdb1", "vfat", 20000);
    assert_string_equal(a, b);
    assert_int_equal(mounted.n, 2);
    media_release(&m->s);
    assert_int_equal(mounted.n, 0);
    assert_false(host_exists(m->s.here, MEDIA_DIR));
}

static void nobody_waits_for_a_stick_for_ever(void **state)
{
    struct machine *m = *state;
    sem_init(&let_on, 0, 0);
    sem_init(&undone, 0, 0);
    slow = true;
    assert_null(media_mount(&m->s, "/dev/sdb1", "vfat", 10));
    assert_true(media_stuck(&m->s));
    assert_null(media_mount(&m->s, "/dev/sdc1", "vfat", 20000)); /* one thread, not more */
    sem_post(&let_on);
    sem_wait(&undone); /* what came too late does not stay */
    assert_int_equal(mounted.n, 0);
    slow = false;
    struct pollfd never = {.fd = -1};
    while (media_stuck(&m->s))
        (void)poll(&never, 1, 1);
    AUTOFREE char *point = media_mount(&m->s, "/dev/sdc1", "vfat", 20000);
    assert_string_equal(point, MEDIA_DIR "/0");
    media_release(&m->s);
    /* One that is given up by somebody who leaves. */
    assert_int_equal(cancel_init(&m->cancel, &(struct err){0}), 0);
    m->s.cancel = &m->cancel;
    cancel_fire(&m->cancel);
    slow = true;
    assert_null(media_mount(&m->s, "/dev/sdb1", "vfat", 20000));
    sem_post(&let_on);
    sem_wait(&undone);
    slow = false;
    while (media_stuck(&m->s))
        (void)poll(&never, 1, 1);
    cancel_done(&m->cancel);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(sticks_are_mounted_and_let_go),       T(other_volumes_are_left_alone),
        T(a_broken_stick_leaves_nothing),       T(there_is_an_end),
        T(what_a_killed_run_left_is_unmounted), T(nobody_waits_for_a_stick_for_ever),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
