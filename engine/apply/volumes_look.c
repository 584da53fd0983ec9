#define _GNU_SOURCE
#include "engine/apply/volumes_look.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/apply/linux_look.h"
#include "engine/base/log.h"
#include "engine/host/search.h"
#include "engine/image/image.h"
#include "engine/offline/offline.h"

#define BLOBS_MAX   32
#define BLOB_MIN    64
#define SEARCH_MS   2500
#define SEARCH_DEEP 3

struct volume_stop {
    atomic_bool now;
};

/* ---- what is on it ---------------------------------------------------------------------------*/

static void take_image(struct volume_view *v, struct image_view *i)
{
    v->kind = i->kind;
    v->err = i->err;
    if (!v->err.code && v->read_only)
        err_code(&v->err, CODE_ERROR_WRITE_PROTECT);
}

static bool look_for_windows(struct volume_view *v)
{
    struct image im = {0};
    struct err e = {0};
    struct image_view i;
    if (image_open(v->path, &im, &e) < 0)
        return false;
    if (image_inspect(&im, NULL, &e) == 0) {
        image_describe(&im, false, IMAGE_NO_METHOD, &i);
        take_image(v, &i);
        free(v->system);
        v->system = image_title(&im);
        image_view_free(&i);
    } else {
        v->kind = SYSTEM_WINDOWS;
        v->err = e;
    }
    image_free(&im);
    return true;
}

static void look_for_linux(struct volume_view *v)
{
    struct host *h = NULL;
    struct err e = {0};
    struct image_view i;
    if (host_linux_open(v->path, &h, &e) < 0)
        return;
    if (linux_is_root(h)) {
        linux_look(h, v->path, &i);
        take_image(v, &i);
        if (host_is_live(h)) {
            v->kind = SYSTEM_RUNNING;
            err_reset(&v->err);
        }
        free(v->system);
        v->system = xstrdup(i.product);
        image_view_free(&i);
    }
    host_close(h);
}

/* ---- provisioning data -----------------------------------------------------------------------*/

/* Folders of a system hold many files and none that a person put there for us. */
static bool worth_entering(void *arg, const char *folder, unsigned depth)
{
    static const char *const not_at_top[] = {"proc",
                                             "sys",
                                             "dev",
                                             "run",
                                             "tmp", /* anybody could have put it there */
                                             "usr",
                                             "var",
                                             "lib",
                                             "lib32",
                                             "lib64",
                                             "libx32",
                                             "bin",
                                             "sbin",
                                             "boot",
                                             "snap",
                                             "etc",
                                             "Windows",
                                             "Program Files",
                                             "ProgramData",
                                             "$Recycle.Bin",
                                             "System Volume Information",
                                             "Program Files (x86)",
                                             "lost+found"};
    static const char *const nowhere[] = {"node_modules", ".git", ".cache", "AppData"};
    (void)arg;
    for (size_t i = 0; depth == 1 && i < ARRAY_SIZE(not_at_top); i++) {
        if (str_ieq(folder, not_at_top[i]))
            return false;
    }
    for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++) {
        if (str_ieq(folder, nowhere[i]))
            return false;
    }
    return true;
}

/* An answer file is one of ours only when it says so near its beginning or is small enough to be
 * one of many; the rest is told when it is opened. */
static bool found_file(void *arg, const char *path, const void *head, size_t len)
{
    struct volume_view *v = arg;
    struct offline_form form;
    if (!offline_recognise(head, len, &form))
        return true;
    if (!form.cms && form.inner == OFFLINE_UNATTEND && !form.utf16 &&
        !memmem(head, len, "AccountData", strlen("AccountData")))
        return true;
    strv_add(&v->blobs, path);
    return v->blobs.n < BLOBS_MAX;
}

void volume_examine(struct volume_view *v, const struct volume_stop *stop)
{
    struct search q = {
        .root = v->path,
        .depth = SEARCH_DEEP,
        .files_max = 3000,
        .folders_max = 400,
        .size_min = BLOB_MIN,
        .size_max = 2u * ODJ_MAX,
        .time_ms = SEARCH_MS,
        .stop = stop ? &stop->now : NULL,
        .enter = worth_entering,
        .found = found_file,
        .arg = v,
    };
    if (!look_for_windows(v))
        look_for_linux(v);
    if (!host_search(&q))
        log_info("%s was not searched to its end", v->path);
}

/* ---- the thread ------------------------------------------------------------------------------*/

/* Belongs to both until one of them lets go; the last one frees it. */
struct shared {
    struct volume_stop stop;
    atomic_int owners;
    int done_fd; /* readable when the thread is through */
    struct volume_view v;
};

static void let_go(struct shared *w)
{
    if (atomic_fetch_sub(&w->owners, 1) > 1)
        return;
    close(w->done_fd);
    volume_view_free(&w->v);
    free(w);
}

static void *work(void *arg)
{
    struct shared *w = arg;
    volume_examine(&w->v, &w->stop);
    (void)eventfd_write(w->done_fd, 1);
    let_go(w);
    return NULL;
}

static struct shared *start(const struct volume_view *v, struct err *e)
{
    pthread_attr_t attr;
    pthread_t thread;
    struct shared *w = xcalloc(1, sizeof *w);
    atomic_init(&w->owners, 2);
    w->v.path = xstrdup(v->path);
    w->v.system = xstrdup("");
    w->v.read_only = v->read_only;
    w->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int no = w->done_fd < 0 ? errno : pthread_attr_init(&attr);
    if (no == 0) {
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        no = pthread_create(&thread, &attr, work, w);
        pthread_attr_destroy(&attr);
    }
    if (no == 0)
        return w;
    atomic_store(&w->owners, 1);
    let_go(w);
    err_errno(e, CAUSE_INTERNAL, no, NULL);
    return NULL;
}

static void take(struct volume_view *v, struct shared *w)
{
    v->kind = w->v.kind;
    v->err = w->v.err;
    free(v->system);
    v->system = TAKE(w->v.system);
    strv_free(&v->blobs);
    v->blobs = w->v.blobs;
    w->v.blobs = (struct strv){0};
}

int volume_look(struct volume_view *v, int ms, const struct cancel *cancel, struct err *e)
{
    struct shared *w = start(v, e);
    if (!w)
        return -1;
    struct pollfd p[] = {{.fd = w->done_fd, .events = POLLIN},
                         {.fd = cancel ? cancel->fd : -1, .events = POLLIN}};
    int n;
    do
        n = poll(p, 2, ms);
    while (n < 0 && errno == EINTR);
    if (p[0].revents & POLLIN) {
        eventfd_t one;
        (void)eventfd_read(w->done_fd, &one);
        take(v, w);
    } else {
        atomic_store(&w->stop.now, true);
        err_cause(&v->err, CAUSE_VOLUME_SILENT);
        err_fact(&v->err, FACT_FILE, "%s", v->path);
    }
    let_go(w);
    return cancel_check(cancel, e);
}
