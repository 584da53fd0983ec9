/*
 * Running programs: argv only, a clean environment, both pipes served together, a deadline, a
 * cancel token, and the whole process group ended when time is up. With another root the child
 * changes into it first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/host/host_linux.h"

#define DEFAULT_MS   60000
#define TICK_MS      100 /* where the kernel has no pidfd */
#define CHILD_FAILED 127

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct run {
    pid_t pid;
    int in, out; /* our ends; -1 = closed */
    int fault;   /* the child writes its errno here when it cannot start */
    size_t in_pos;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Between fork and exec only async-signal-safe calls: other threads may hold any lock. */
static void __attribute__((noreturn)) child(const char *path, const struct host_cmd *cmd,
                                            char **env, int rootfd, int in, int out, int fault)
{
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    sigset_t none;
    int no = 0;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int s = 1; s < 32; s++)
        sigaction(s, &dfl, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        no = errno;
    if (!no && rootfd >= 0 && (fchdir(rootfd) != 0 || chroot(".") != 0))
        no = errno;
    if (!no && chdir("/") != 0)
        no = errno;
    if (!no) {
        if (dup2(fault, 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) != 0)
            no = errno;
        fault = 3;
        syscall(SYS_close_range, 4U, ~0U, 0U);
    }
    if (!no) {
        execve(path, (char *const *)cmd->argv, env);
        no = errno;
    }
    ssize_t n = write(fault, &no, sizeof no);
    _exit(n < 0 ? CHILD_FAILED : CHILD_FAILED);
}

static int start(struct run *r, const char *path, const struct host_cmd *cmd, char **env,
                 int rootfd)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, fault[2] = {-1, -1};
    int rc = -1;
    /* Descriptors below 4 would collide with the ones the child arranges. */
    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(fault, O_CLOEXEC) == 0) {
        r->pid = fork();
        if (r->pid == 0)
            child(path, cmd, env, rootfd, in[0], out[1], fault[1]);
        if (r->pid > 0) {
            setpgid(r->pid, r->pid);
            r->in = in[1];
            r->out = out[0];
            r->fault = fault[0];
            in[1] = out[0] = fault[0] = -1;
            fcntl(r->in, F_SETFL, O_NONBLOCK);
            fcntl(r->out, F_SETFL, O_NONBLOCK);
            rc = 0;
        }
    }
    int no = errno;
    for (int i = 0; i < 2; i++) {
        close_fd(&in[i]);
        close_fd(&out[i]);
        close_fd(&fault[i]);
    }
    errno = no;
    return rc;
}

/* A program may end without reading its input. Blocked for this thread only; one that came from us
 * is taken away. */
static bool block_sigpipe(sigset_t *before)
{
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &set, before);
    return sigismember(&pending, SIGPIPE) == 1;
}

static void unblock_sigpipe(const sigset_t *before, bool was_pending)
{
    struct timespec zero = {0};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    if (!was_pending) {
        while (sigtimedwait(&set, NULL, &zero) < 0 && errno == EINTR)
            ;
    }
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static void feed(struct run *r, const struct host_cmd *cmd)
{
    size_t left = cmd->in_len - r->in_pos;
    ssize_t n = left ? write(r->in, (const char *)cmd->in + r->in_pos, left) : 0;
    if (n > 0)
        r->in_pos += (size_t)n;
    if (r->in_pos == cmd->in_len || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_fd(&r->in);
}

static void drain(struct run *r, struct buf *out)
{
    char chunk[4096];
    ssize_t n = read(r->out, chunk, sizeof chunk);
    if (n > 0) {
        size_t room = out->max > out->len ? out->max - out->len : 0;
        buf_put(out, chunk, (size_t)n < room ? (size_t)n : room);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_fd(&r->out);
    }
}

/* Without taking its status away from reap(). */
static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Serves both pipes until the program closes its output. A background child that inherited the
 * output would hold it open, so the end of the program itself (pidfd) counts too. */
static int serve(struct run *r, const struct host_cmd *cmd, struct buf *out, int64_t deadline,
                 struct err *e)
{
    int pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
    bool ended = false;
    int rc = 0;
    while (r->out >= 0 && !ended) {
        struct pollfd p[4] = {
            {.fd = r->in, .events = POLLOUT},
            {.fd = r->out, .events = POLLIN},
            {.fd = cmd->cancel ? cmd->cancel->fd : -1, .events = POLLIN},
            {.fd = pidfd, .events = POLLIN},
        };
        int64_t left = deadline - now_ms();
        if (left <= 0) {
            err_fact(e, FACT_DETAIL, "no end after %d s",
                     (cmd->timeout_ms ? cmd->timeout_ms : DEFAULT_MS) / 1000);
            rc = err_errno(e, CAUSE_SERVICE_FAILED, ETIMEDOUT, NULL);
            break;
        }
        int wait = pidfd < 0 && left > TICK_MS ? TICK_MS : left > INT_MAX ? INT_MAX : (int)left;
        if (poll(p, 4, wait) < 0 && errno != EINTR) {
            rc = err_errno(e, CAUSE_SERVICE_FAILED, errno, NULL);
            break;
        }
        if (cancel_check(cmd->cancel, e) != 0) {
            rc = -1;
            break;
        }
        if (p[0].revents)
            feed(r, cmd);
        if (p[1].revents)
            drain(r, out);
        ended = !p[1].revents && (pidfd < 0 ? has_ended(r->pid) : p[3].revents != 0);
    }
    close_fd(&pidfd);
    return rc;
}

static int reap(struct run *r, bool end_it)
{
    int st = 0;
    if (end_it)
        kill(-r->pid, SIGKILL);
    while (waitpid(r->pid, &st, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

static char **clean_env(const struct host_cmd *cmd, struct strv *v)
{
    strv_add(v, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    strv_add(v, "LC_ALL=C");
    strv_add(v, "HOME=/root");
    for (const char *const *s = cmd->env; s && *s; s++)
        strv_add(v, *s);
    return v->s;
}

static int run_path(struct host *h, const char *path, const struct host_cmd *cmd,
                    struct host_result *ret, struct err *e)
{
    struct run r = {.in = -1, .out = -1, .fault = -1};
    struct strv env = {0};
    int no = 0;
    int64_t deadline = now_ms() + (cmd->timeout_ms > 0 ? cmd->timeout_ms : DEFAULT_MS);
    int rc = start(&r, path, cmd, clean_env(cmd, &env), h->live ? -1 : host_rootfd(h));
    strv_free(&env);
    if (rc != 0)
        return err_errno(e, CAUSE_SERVICE_FAILED, errno, path);
    /* Closed without a word by a successful exec. */
    ssize_t n;
    while ((n = read(r.fault, &no, sizeof no)) < 0 && errno == EINTR)
        ;
    close_fd(&r.fault);
    if (n > 0) {
        reap(&r, false);
        close_fd(&r.in);
        close_fd(&r.out);
        /* Another machine's program, or a script without its interpreter: that root cannot be run
         * from here. */
        if (!h->live && (no == ENOEXEC || no == ENOENT || no == EPERM)) {
            ret->ran = HOST_NOT_POSSIBLE;
            return 0;
        }
        return err_errno(e, CAUSE_SERVICE_FAILED, no, path);
    }
    sigset_t before;
    bool was = block_sigpipe(&before);
    rc = serve(&r, cmd, &ret->out, deadline, e);
    unblock_sigpipe(&before, was);
    close_fd(&r.in);
    close_fd(&r.out);
    ret->status = reap(&r, rc != 0);
    ret->ran = HOST_RAN;
    if (rc != 0)
        err_fact(e, FACT_COMMAND, "%s", path);
    return rc;
}

int host_linux_exec(struct host *h, const struct host_cmd *cmd, struct host_result *ret,
                    struct err *e)
{
    if (cancel_check(cmd->cancel, e) != 0)
        return -1;
    if (!h->live && (!cmd->chroot_ok || !h->root)) {
        ret->ran = HOST_NOT_POSSIBLE;
        return 0;
    }
    AUTOFREE char *path = host_find_tool(h, cmd->argv[0]);
    if (!path) {
        ret->ran = HOST_NO_TOOL;
        return 0;
    }
    return run_path(h, path, cmd, ret, e);
}
