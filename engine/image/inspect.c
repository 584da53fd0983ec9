/* The image as a whole: registry files and what lies around them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/hive/check.h"
#include "engine/image/image_change.h"
#include "engine/image/image_int.h"

static bool log_pending(struct image *im, const char *name, uint32_t seq)
{
    struct err ignored = {0};
    int fd;
    AUTOFREE char *path = image_find(im->host, im->config, name);
    if (!path)
        return false;
    /* What cannot be read may hold anything. */
    if (host_open_read(im->host, path, &fd, &ignored) != 0)
        return ignored.lib != ENOENT;
    bool pending = hive_log_pending(fd, seq);
    close(fd);
    return pending;
}

struct image_loaded {
    struct hive *hive;
    uint32_t seq;
    struct image_seen seen;
};

static void unload(struct image *im, struct hive **ret)
{
    if (ret)
        *ret = im->loaded->hive;
    else if (im->loaded)
        hive_close(im->loaded->hive);
    free(im->loaded);
    im->loaded = NULL;
}

void image_unload(struct image *im)
{
    unload(im, NULL);
}

/* A handle for writing from the start: it serves the reading as well, and the large file is not
 * gone through twice. */
static int load_new(struct image *im, int fd, const struct image_seen *seen, struct err *e)
{
    struct hive_image bytes;
    struct hive *h = NULL;
    if (hive_load(fd, im->system, &bytes, e) != 0)
        return -1;
    uint32_t seq = bytes.seq;
    int rc = hive_attach(&bytes, true, &h, e);
    hive_image_free(&bytes);
    if (rc != 0) {
        err_fact(e, FACT_FILE, "%s", im->system);
        return -1;
    }
    im->loaded = xcalloc(1, sizeof *im->loaded);
    *im->loaded = (struct image_loaded){.hive = h, .seq = seq, .seen = *seen};
    return 0;
}

static int load(struct image *im, struct err *e)
{
    struct image_seen seen;
    int fd;
    if (host_open_read(im->host, im->system, &fd, e) != 0) {
        if (e->lib != EACCES)
            return -1;
        err_reset(e);
        err_fact(e, FACT_FILE, "%s", im->system);
        return err_cause(e, CAUSE_IMAGE_NO_ACCESS);
    }
    int rc = image_see_open(fd, im->system, &seen, e);
    if (rc == 0 && !(im->loaded && image_same(&im->loaded->seen, &seen))) {
        image_unload(im);
        rc = load_new(im, fd, &seen, e);
    }
    close(fd);
    return rc;
}

int image_load_system(struct image *im, struct hive **ret, struct err *e)
{
    static const char *const logs[] = {"SYSTEM.LOG1", "SYSTEM.LOG2", "SYSTEM.LOG"};
    if (load(im, e) != 0)
        return -1;
    for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
        if (log_pending(im, logs[i], im->loaded->seq)) {
            err_fact(e, FACT_FILE, "%s/%s", im->config, logs[i]);
            return err_cause(e, CAUSE_IMAGE_DIRTY);
        }
    }
    *ret = im->loaded->hive;
    return 0;
}

int image_take_system(struct image *im, struct hive **ret, struct image_seen *ret_seen,
                      struct err *e)
{
    if (image_load_system(im, ret, e) != 0)
        return -1;
    *ret_seen = im->loaded->seen;
    unload(im, ret);
    return 0;
}

/* Hibernated, or shut down with Fast Startup. The file's head is wiped by the next start. */
static enum image_tri hibernated(struct image *im)
{
    struct host *volume = im->above ? im->above : im->host;
    struct host_meta m;
    struct err ignored = {0};
    char head[4];
    int fd;
    AUTOFREE char *path = image_find(volume, "", "hiberfil.sys");
    if (!path)
        return !*im->windows && !im->above ? IMAGE_UNKNOWN : IMAGE_NO;
    if (host_lstat(volume, path, &m, &ignored) != 0 || m.kind != HOST_FILE ||
        host_open_read(volume, path, &fd, &ignored) != 0)
        return IMAGE_UNKNOWN;
    bool full = read(fd, head, sizeof head) == (ssize_t)sizeof head;
    close(fd);
    return full && strncasecmp(head, "HIBR", 4) == 0 ? IMAGE_YES : IMAGE_NO;
}

static void look_for_writing(struct image *im)
{
    AUTOFREE char *own = image_own_path(im, "");
    struct host_meta m;
    struct statvfs st;
    struct err e = {0};
    int fd;
    im->in_the_way =
        host_lstat(im->host, own, &m, &e) == 0 && m.kind != HOST_ABSENT && m.kind != HOST_DIR;
    err_reset(&e);
    if (host_open_read(im->host, im->config, &fd, &e) != 0) {
        im->no_access = e.lib == EACCES;
        return;
    }
    im->read_only = fstatvfs(fd, &st) == 0 && (st.f_flag & ST_RDONLY);
    im->no_access = faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0 && errno == EACCES;
    close(fd);
}

/* NULL becomes "": nothing else has to tell unknown from absent. */
static void no_nulls(struct image *im)
{
    char **texts[] = {&im->product_type,  &im->product,
                      &im->version,       &im->edition,
                      &im->arch,          &im->name,
                      &im->image_state,   &im->joined_to,
                      &im->setup.cmdline, &im->setup.unattend_file};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        if (!*texts[i])
            *texts[i] = xstrdup("");
        err_clean_text(*texts[i]);
    }
}

/* Our own folder with data in it: an earlier preparation that Windows has not seen yet. */
static bool prepared_before(struct image *im)
{
    struct host_meta m;
    struct err ignored = {0};
    AUTOFREE char *dir = xasprintf("%s/%s", im->config, IMAGE_DIR);
    CLEANUP(strv_free) struct strv names = {0};
    if (host_stat(im->host, dir, &m, &ignored) != 0 || m.kind != HOST_DIR)
        return false;
    return host_list(im->host, dir, &names, &ignored) == 0 && names.n > 0 && !image_interrupted(im);
}

int image_inspect(struct image *im, const struct cancel *cancel, struct err *e)
{
    struct hive *h = NULL;
    if (cancel_check(cancel, e) != 0)
        return -1;
    im->inspected = image_load_system(im, &h, &im->unreadable) == 0 &&
                    image_read_system(im, h, &im->unreadable) == 0;
    if (im->unreadable.cause == CAUSE_OUT_OF_MEMORY) {
        *e = im->unreadable;
        no_nulls(im);
        return -1;
    }
    if (im->inspected && cancel_check(cancel, e) == 0) {
        image_read_software(im);
        if (cancel_check(cancel, e) == 0)
            image_read_security(im);
    }
    no_nulls(im);
    if (prepared_before(im))
        im->pending = IMAGE_YES;
    im->hibernated = hibernated(im);
    look_for_writing(im);
    return e->code ? -1 : 0;
}
