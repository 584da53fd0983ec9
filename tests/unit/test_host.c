#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/host/host.h"
#include "engine/host/host_path.h"
#include "tests/unit/scratch.h"

static struct host *h, *live;
static char *root;
static struct err e;

static int fresh(void **s UNUSED)
{
    err_reset(&e);
    root = scratch_new();
    scratch_put(root, "/etc/motd", "hello\n", 0640);
    assert_int_equal(host_linux_open(root, &h, &e), 0);
    assert_int_equal(host_linux_open("/", &live, &e), 0);
    return 0;
}

static int done(void **s UNUSED)
{
    host_close(h);
    host_close(live);
    scratch_drop(root);
    return 0;
}

static char *rd(const char *path)
{
    struct buf b = BUF_INIT(HOST_FILE_MAX);
    err_reset(&e);
    if (host_read(h, path, &b, &e) != 0) {
        buf_free(&b);
        return NULL;
    }
    return buf_steal(&b);
}

static void test_live_or_not(void **s UNUSED)
{
    struct host *again;
    assert_false(host_is_live(h));
    assert_true(host_is_live(live));
    assert_int_equal(host_linux_open("/../.", &again, &e), 0);
    assert_true(host_is_live(again));
    host_close(again);
    assert_int_equal(host_linux_open("/nowhere", &again, &e), -1);
    assert_int_equal(host_set_hostname(h, "x", &e), -1);
}

static void test_read(void **s UNUSED)
{
    AUTOFREE char *text = rd("/etc/motd");
    assert_string_equal(text, "hello\n");
    assert_null(rd("/etc/none"));
    assert_int_equal(e.cause, CAUSE_FILE_READ_FAILED);
    assert_int_equal(e.lib, ENOENT);
    assert_string_equal(err_fact_get(&e, FACT_FILE), "/etc/none");
    assert_null(rd("/etc"));
    assert_null(rd("etc/motd"));
    assert_null(rd("/etc/../etc/motd"));
    assert_null(rd("/etc/motd/"));
    struct buf small = BUF_INIT(3);
    err_reset(&e);
    assert_int_equal(host_read(h, "/etc/motd", &small, &e), -1);
    assert_int_equal(e.lib, EFBIG);
    buf_free(&small);
    bool present = true;
    struct buf b = BUF_INIT(100);
    err_reset(&e);
    assert_int_equal(host_read_opt(h, "/etc/none", &b, &present, &e), 0);
    assert_false(present);
    assert_int_equal(e.code, 0);
    buf_free(&b);
}

/* A pipe in the place of a file neither blocks nor is read. */
static void test_pipe_is_no_file(void **s UNUSED)
{
    AUTOFREE char *p = xasprintf("%s/etc/pipe", root);
    assert_int_equal(mkfifo(p, 0600), 0);
    assert_null(rd("/etc/pipe"));
}

static void test_links_stay_inside(void **s UNUSED)
{
    AUTOFREE char *outside = scratch_new();
    scratch_put(outside, "/secret", "outside\n", 0644);
    AUTOFREE char *abs = xasprintf("%s/secret", outside);
    scratch_link(root, abs, "/etc/abs");
    scratch_link(root, "../../../../../../../../../../etc/passwd", "/etc/up");
    scratch_link(root, outside, "/etc/dir");
    scratch_link(root, "/proc/self/root/etc/passwd", "/etc/magic");
    assert_null(rd("/etc/abs"));
    assert_null(rd("/etc/up"));
    assert_null(rd("/etc/dir/secret"));
    assert_null(rd("/etc/magic"));
    /* Writing through them ends inside as well. */
    err_reset(&e);
    assert_int_equal(host_replace(h, "/etc/dir/secret", NULL, "x", 1, &e), -1);
    err_reset(&e);
    assert_int_equal(host_replace(h, "/etc/up", NULL, "inside\n", 7, &e), 0);
    AUTOFREE char *inside = scratch_get(root, "/etc/passwd");
    assert_string_equal(inside, "inside\n");
    AUTOFREE char *same = scratch_get(outside, "/secret");
    assert_string_equal(same, "outside\n");
    err_reset(&e);
    assert_int_equal(host_remove(h, "/etc/abs", &e), 0);
    AUTOFREE char *still = scratch_get(outside, "/secret");
    assert_string_equal(still, "outside\n");
    AUTOFREE char *gone = scratch_get(root, "/etc/abs");
    assert_null(gone);
    assert_int_equal(host_remove_tree(h, "/etc/dir", &e), 0);
    assert_int_equal(access(abs, F_OK), 0);
    scratch_drop(TAKE(outside));
}

/* The same where the kernel or a sandbox has no openat2. */
static void test_links_without_openat2(void **s)
{
    bool was = host_path_no_openat2;
    host_path_no_openat2 = true;
    test_links_stay_inside(s);
    scratch_put(root, "/usr/lib/x/file", "deep\n", 0644);
    scratch_link(root, "usr/lib", "/lib");
    scratch_link(root, "../lib/./x/../x/file", "/etc/rel");
    scratch_link(root, "/lib/x", "/etc/absdir");
    scratch_link(root, "/", "/etc/top");
    scratch_link(root, "l1", "/l2");
    scratch_link(root, "l2", "/l1");
    static const char *const good[] = {"/lib/x/file", "/etc/rel", "/etc/absdir/file",
                                       "/etc/top/lib/x/file"};
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        AUTOFREE char *text = rd(good[i]);
        if (!text)
            fail_msg("%s: %s", good[i], e.raw);
        assert_string_equal(text, "deep\n");
    }
    assert_null(rd("/l1"));
    assert_int_equal(e.lib, ELOOP);
    assert_null(rd("/etc/absdir/none"));
    assert_int_equal(e.lib, ENOENT);
    struct host_meta m;
    assert_int_equal(host_lstat(h, "/etc/rel", &m, &e), 0);
    assert_int_equal(m.kind, HOST_LINK);
    assert_int_equal(host_stat(h, "/etc/top", &m, &e), 0);
    assert_int_equal(m.kind, HOST_DIR);
    host_path_no_openat2 = was;
}

static void test_absolute_link_means_the_root(void **s UNUSED)
{
    scratch_link(root, "/etc/motd", "/link");
    AUTOFREE char *text = rd("/link");
    assert_string_equal(text, "hello\n");
    AUTOFREE char *real = NULL;
    assert_int_equal(host_resolve(h, "/link", &real, &e), 0);
    assert_string_equal(real, "/etc/motd");
    scratch_link(root, "loop2", "/loop1");
    scratch_link(root, "loop1", "/loop2");
    AUTOFREE char *none = NULL;
    assert_int_equal(host_resolve(h, "/loop1", &none, &e), -1);
    assert_int_equal(e.lib, ELOOP);
}

static void test_replace(void **s UNUSED)
{
    struct host_meta m, want = host_meta_own(0600);
    assert_int_equal(host_replace(h, "/etc/motd", NULL, "new\n", 4, &e), 0);
    AUTOFREE char *text = rd("/etc/motd");
    assert_string_equal(text, "new\n");
    assert_int_equal(scratch_mode(root, "/etc/motd"), 0640);
    assert_int_equal(host_replace(h, "/etc/motd", &want, "", 0, &e), 0);
    assert_int_equal(host_stat(h, "/etc/motd", &m, &e), 0);
    assert_int_equal(m.mode, 0600);
    assert_int_equal(m.size, 0);
    assert_int_equal(m.kind, HOST_FILE);
    mode_t old = umask(077);
    assert_int_equal(host_replace(h, "/etc/fresh", NULL, "x", 1, &e), 0);
    assert_int_equal(host_mkdir_p(h, "/a/b/c", 0755, &e), 0);
    umask(old);
    assert_int_equal(scratch_mode(root, "/etc/fresh"), 0644);
    assert_int_equal(scratch_mode(root, "/a/b"), 0755);
    assert_int_equal(host_replace(h, "/a/b", NULL, "x", 1, &e), -1);
    err_reset(&e);
    assert_int_equal(host_replace(h, "/none/x", NULL, "x", 1, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_WRITE_FAILED);
    AUTOFREE char *all = scratch_picture(root, "", NULL);
    assert_null(strstr(all, "joinery-tmp"));
}

/* At every call that fails the old contents are still whole, and no litter is left. */
static void test_replace_is_all_or_nothing(void **s UNUSED)
{
    for (unsigned n = 1; n <= 4; n++) {
        struct host *f = host_faulty(h, n, ENOSPC);
        err_reset(&e);
        int rc = host_replace(f, "/etc/motd", NULL, "new\n", 4, &e);
        AUTOFREE char *all = scratch_picture(root, "/etc", NULL);
        if (rc == 0) {
            assert_int_equal(n, 4);
            assert_string_equal(all, "/etc/\n/etc/motd 640\nnew\n\n");
        } else {
            assert_int_equal(e.cause, CAUSE_DISK_FULL);
            assert_string_equal(all, "/etc/\n/etc/motd 640\nhello\n\n");
        }
        host_close(f);
    }
}

static void test_wipe_overwrites(void **s UNUSED)
{
    char left[16] = "";
    scratch_put(root, "/etc/key", "0123456789", 0600);
    AUTOFREE char *p = xasprintf("%s/etc/key", root);
    int fd = open(p, O_RDONLY);
    assert_int_equal(host_remove_wipe(h, "/etc/key", &e), 0);
    assert_int_equal(access(p, F_OK), -1);
    assert_int_equal(pread(fd, left, 10, 0), 10);
    assert_memory_equal(left, "\0\0\0\0\0\0\0\0\0\0", 10);
    close(fd);
    assert_int_equal(host_remove_wipe(h, "/etc/key", &e), 0);
    /* Old keys lie in the journal, which goes as a whole. */
    scratch_put(root, "/etc/t/key", "0123456789", 0600);
    AUTOFREE char *in_tree = xasprintf("%s/etc/t/key", root);
    fd = open(in_tree, O_RDONLY);
    assert_int_equal(host_remove_tree(h, "/etc/t", &e), 0);
    assert_int_equal(pread(fd, left, 10, 0), 10);
    assert_memory_equal(left, "\0\0\0\0\0\0\0\0\0\0", 10);
    close(fd);
    /* Through a link only the link goes. */
    scratch_link(root, "motd", "/etc/lnk");
    assert_int_equal(host_remove_wipe(h, "/etc/lnk", &e), 0);
    AUTOFREE char *motd = rd("/etc/motd");
    assert_string_equal(motd, "hello\n");
}

static void test_list_and_tree(void **s UNUSED)
{
    struct strv v = {0};
    scratch_put(root, "/etc/d/b", "", 0644);
    scratch_put(root, "/etc/d/a", "", 0644);
    assert_int_equal(host_list(h, "/etc/d", &v, &e), 0);
    assert_int_equal(v.n, 2);
    assert_string_equal(v.s[0], "a");
    strv_free(&v);
    assert_int_equal(host_list(h, "/nowhere", &v, &e), 0);
    assert_int_equal(v.n, 0);
    assert_int_equal(host_remove_tree(h, "/etc/d", &e), 0);
    assert_false(host_exists(h, "/etc/d"));
    assert_int_equal(host_remove_tree(h, "/etc/d", &e), 0);
}

static void test_hostname(void **s UNUSED)
{
    AUTOFREE char *none = NULL;
    AUTOFREE char *name = NULL;
    AUTOFREE char *here = NULL;
    assert_int_equal(host_get_hostname(h, &none, &e), 0);
    assert_string_equal(none, "");
    scratch_put(root, "/etc/hostname", "# c\n\n kiosk7 \n", 0644);
    assert_int_equal(host_get_hostname(h, &name, &e), 0);
    assert_string_equal(name, "kiosk7");
    char sys[256];
    gethostname(sys, sizeof sys);
    assert_int_equal(host_get_hostname(live, &here, &e), 0);
    assert_string_equal(here, sys);
}

static void test_lock(void **s UNUSED)
{
    struct host_lock a = HOST_LOCK_INIT, b = HOST_LOCK_INIT;
    assert_int_equal(host_lock_take(h, &a, &e), 0);
    assert_int_equal(host_lock_take(h, &b, &e), -1);
    assert_int_equal(e.code, 1791);
    assert_int_equal(e.cause, CAUSE_LOCK_HELD);
    assert_int_equal(b.fd, -1);
    pid_t pid = fork();
    if (pid == 0) {
        struct host_lock c = HOST_LOCK_INIT;
        struct err mine = {0};
        struct host *other;
        if (host_linux_open(root, &other, &mine) != 0)
            _exit(2);
        _exit(host_lock_take(other, &c, &mine) == 0 ? 1 : mine.code == 1791 ? 0 : 2);
    }
    int st;
    assert_int_equal(waitpid(pid, &st, 0), pid);
    assert_int_equal(st, 0);
    host_unlock(&a);
    err_reset(&e);
    assert_int_equal(host_lock_take(h, &b, &e), 0);
    /* The file that a waiting one has opened is no longer the lock once its holder has let go. */
    AUTOFREE char *path = xasprintf("%s%s", root, HOST_LOCK_FILE);
    int stale = open(path, O_RDWR | O_CLOEXEC);
    assert_true(stale >= 0);
    host_unlock(&b);
    host_unlock(&b);
    assert_int_equal(access(path, F_OK), -1);
    path[strlen(path) - strlen("/lock")] = '\0';
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(host_lock_take(h, &a, &e), 0);
    assert_int_equal(flock(stale, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(host_lock_take(h, &b, &e), -1);
    assert_int_equal(e.code, 1791);
    close(stale);
    /* With something else in it the directory stays. */
    scratch_put(root, HOST_LOCK_DIR "/workgroup", "X\n", 0644);
    host_unlock(&a);
    assert_int_equal(access(path, F_OK), 0);
}

struct contest {
    atomic_int inside, most, done;
};

static void *contend(void *arg)
{
    struct contest *c = arg;
    while (atomic_load(&c->done) < 200) {
        struct host_lock l = HOST_LOCK_INIT;
        struct err mine = {0};
        if (host_lock_take(h, &l, &mine) != 0)
            continue;
        int n = atomic_fetch_add(&c->inside, 1) + 1;
        if (n > atomic_load(&c->most))
            atomic_store(&c->most, n);
        atomic_fetch_sub(&c->inside, 1);
        atomic_fetch_add(&c->done, 1);
        host_unlock(&l);
    }
    return NULL;
}

/* Although its file comes and goes, one at a time holds it. */
static void test_lock_contest(void **s UNUSED)
{
    struct contest c = {0};
    pthread_t t[4];
    for (size_t i = 0; i < ARRAY_SIZE(t); i++)
        assert_int_equal(pthread_create(&t[i], NULL, contend, &c), 0);
    for (size_t i = 0; i < ARRAY_SIZE(t); i++)
        pthread_join(t[i], NULL);
    assert_int_equal(atomic_load(&c.most), 1);
}

/* ---- programs ---- */
static struct host_result res;

static int run(struct host *on, struct host_cmd *c)
{
    err_reset(&e);
    return host_exec(on, c, &res, &e);
}

static void test_exec_output_and_status(void **s UNUSED)
{
    static const char *const argv[] = {"sh", "-c", "cat; echo err >&2; exit 7", NULL};
    struct host_cmd c = {.argv = argv, .in = "in\n", .in_len = 3};
    assert_int_equal(run(live, &c), 0);
    assert_int_equal(res.ran, HOST_RAN);
    assert_int_equal(res.status, 7);
    assert_string_equal(buf_text(&res.out), "in\nerr\n");
    host_result_free(&res);
    static const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
    c = (struct host_cmd){.argv = killed};
    assert_int_equal(run(live, &c), 0);
    assert_int_equal(res.status, 128 + 9);
    host_result_free(&res);
}

static void test_exec_environment_is_clean(void **s UNUSED)
{
    static const char *const argv[] = {"env", NULL};
    static const char *const env[] = {"DEBIAN_FRONTEND=noninteractive", NULL};
    struct host_cmd c = {.argv = argv, .env = env};
    setenv("CANARY", "leak", 1);
    assert_int_equal(run(live, &c), 0);
    unsetenv("CANARY");
    assert_string_equal(buf_text(&res.out),
                        "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\nHOME=/root\n"
                        "DEBIAN_FRONTEND=noninteractive\n");
    host_result_free(&res);
}

static void test_exec_inherits_no_descriptor(void **s UNUSED)
{
    static const char *const argv[] = {"ls", "/proc/self/fd", NULL};
    struct host_cmd c = {.argv = argv};
    AUTOFREE char *p = xasprintf("%s/etc/motd", root);
    int leak = open(p, O_RDONLY); /* without O_CLOEXEC */
    assert_int_equal(run(live, &c), 0);
    close(leak);
    assert_string_equal(buf_text(&res.out), "0\n1\n2\n3\n"); /* 3: the directory being listed */
    host_result_free(&res);
}

static void test_exec_big_both_ways(void **s UNUSED)
{
    static const char *const argv[] = {"cat", NULL};
    size_t n = 4 << 20;
    char *big = malloc(n);
    memset(big, 'x', n);
    struct host_cmd c = {.argv = argv, .in = big, .in_len = n};
    assert_int_equal(run(live, &c), 0);
    assert_int_equal(res.status, 0);
    assert_int_equal(res.out.len, HOST_OUTPUT_MAX);
    host_result_free(&res);
    free(big);
    /* A program that does not read its input is no reason to die of SIGPIPE. */
    signal(SIGPIPE, SIG_DFL);
    static const char *const deaf[] = {"true", NULL};
    char some[100000] = "";
    c = (struct host_cmd){.argv = deaf, .in = some, .in_len = sizeof some};
    assert_int_equal(run(live, &c), 0);
    assert_int_equal(res.status, 0);
    host_result_free(&res);
}

static void test_exec_timeout_ends_the_group(void **s UNUSED)
{
    AUTOFREE char *script = xasprintf("sleep 1000 & echo $! > %s/pid; wait", root);
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct host_cmd c = {.argv = argv, .timeout_ms = 300};
    assert_int_equal(run(live, &c), -1);
    assert_int_equal(e.lib, ETIMEDOUT);
    assert_non_null(err_fact_get(&e, FACT_COMMAND));
    host_result_free(&res);
    AUTOFREE char *pid = scratch_get(root, "/pid");
    AUTOFREE char *stat = xasprintf("/proc/%d/stat", atoi(pid));
    /* Killed; perhaps not yet collected by init. */
    char state = 'R';
    for (int i = 0; i < 500 && state != 'Z' && state != 'X'; i++) {
        FILE *f = fopen(stat, "r");
        if (!f || fscanf(f, "%*d %*s %c", &state) != 1)
            state = 'X';
        if (f)
            fclose(f);
        (void)poll(NULL, 0, 10);
    }
    assert_true(state == 'Z' || state == 'X');
}

static void test_exec_background_child_does_not_hold_us(void **s UNUSED)
{
    static const char *const argv[] = {"sh", "-c", "sleep 30 & echo started", NULL};
    struct host_cmd c = {.argv = argv, .timeout_ms = 20000};
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    assert_int_equal(run(live, &c), 0);
    clock_gettime(CLOCK_MONOTONIC, &b);
    assert_true(b.tv_sec - a.tv_sec < 15);
    assert_string_equal(buf_text(&res.out), "started\n");
    host_result_free(&res);
}

static void test_exec_cancelled(void **s UNUSED)
{
    static const char *const argv[] = {"sleep", "1000", NULL};
    struct cancel cancel;
    assert_int_equal(cancel_init(&cancel, &e), 0);
    cancel_fire(&cancel);
    struct host_cmd c = {.argv = argv, .cancel = &cancel};
    assert_int_equal(run(live, &c), -1);
    assert_int_equal(e.code, 1223);
    host_result_free(&res);
    cancel_done(&cancel);
}

static void test_exec_missing_tool(void **s UNUSED)
{
    static const char *const argv[] = {"no-such-tool", NULL};
    struct host_cmd c = {.argv = argv};
    assert_int_equal(run(live, &c), 0);
    assert_int_equal(res.ran, HOST_NO_TOOL);
    host_result_free(&res);
}

/* Nothing of the running system is ever run for another root. */
static void test_exec_for_another_root(void **s UNUSED)
{
    static const char *const argv[] = {"true", NULL};
    struct host_cmd c = {.argv = argv};
    assert_int_equal(run(h, &c), 0);
    assert_int_equal(res.ran, HOST_NOT_POSSIBLE);
    host_result_free(&res);
    c.chroot_ok = true;
    assert_int_equal(run(h, &c), 0);
    assert_int_equal(res.ran, geteuid() == 0 ? HOST_NO_TOOL : HOST_NOT_POSSIBLE);
    host_result_free(&res);
    /* A program that cannot run here: no interpreter in that root. */
    scratch_put(root, "/usr/bin/true", "#!/bin/sh\nexit 0\n", 0755);
    assert_int_equal(run(h, &c), 0);
    assert_int_equal(res.ran, HOST_NOT_POSSIBLE);
    host_result_free(&res);
}

/* A root with a program of its own: it sees that root only. */
static void test_exec_in_chroot(void **s UNUSED)
{
    static const char *const argv[] = {"probe", NULL};
    struct host_cmd c = {.argv = argv, .chroot_ok = true};
    if (geteuid() != 0) {
        print_message("skipped: needs root\n");
        skip();
    }
    AUTOFREE char *src = xasprintf("%s/probe.c", root);
    AUTOFREE char *build = xasprintf(
        "mkdir -p %s/usr/sbin && cc -static -O0 -w -o %s/usr/sbin/probe %s", root, root, src);
    scratch_put(root, "/probe.c",
                "#include <stdio.h>\n#include <unistd.h>\n"
                "int main(void) { char b[9] = {0}, d[99]; FILE *f = fopen(\"/etc/motd\", \"r\");\n"
                "fread(b, 1, 8, f); printf(\"%s %s\", getcwd(d, 99), b); return 3; }\n",
                0644);
    static const char *const sh[] = {"sh", "-c", NULL, NULL};
    const char *const cc[] = {sh[0], sh[1], build, NULL};
    struct host_cmd compile = {.argv = cc};
    assert_int_equal(run(live, &compile), 0);
    assert_int_equal(res.status, 0);
    host_result_free(&res);
    assert_int_equal(run(h, &c), 0);
    assert_int_equal(res.ran, HOST_RAN);
    assert_int_equal(res.status, 3);
    assert_string_equal(buf_text(&res.out), "/ hello\n");
    host_result_free(&res);
}

/* Without room for all of it, nothing of it is there; later there may be. */
static void test_append_is_whole(void **s UNUSED)
{
    const struct rlimit little = {10, RLIM_INFINITY}, much = {RLIM_INFINITY, RLIM_INFINITY};
    void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    int rc = host_append(h, "/etc/motd", "cut off\n", 8, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &much), 0);
    (void)signal(SIGXFSZ, old);
    assert_int_equal(rc, -1);
    AUTOFREE char *left = rd("/etc/motd");
    assert_string_equal(left, "hello\n");
    assert_int_equal(host_append(h, "/etc/motd", "whole\n", 6, &e), 0);
    AUTOFREE char *all = rd("/etc/motd");
    assert_string_equal(all, "hello\nwhole\n");
}

int main(int argc, char **argv)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fresh, done)
    const struct CMUnitTest tests[] = {
        T(test_live_or_not),
        T(test_read),
        T(test_pipe_is_no_file),
        T(test_links_stay_inside),
        T(test_links_without_openat2),
        T(test_absolute_link_means_the_root),
        T(test_append_is_whole),
        T(test_replace),
        T(test_replace_is_all_or_nothing),
        T(test_wipe_overwrites),
        T(test_list_and_tree),
        T(test_hostname),
        T(test_lock),
        T(test_lock_contest),
        T(test_exec_output_and_status),
        T(test_exec_environment_is_clean),
        T(test_exec_inherits_no_descriptor),
        T(test_exec_big_both_ways),
        T(test_exec_timeout_ends_the_group),
        T(test_exec_background_child_does_not_hold_us),
        T(test_exec_cancelled),
        T(test_exec_missing_tool),
        T(test_exec_for_another_root),
        T(test_exec_in_chroot),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
