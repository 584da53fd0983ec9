#include "engine/apply/apply_target.h"

#include <errno.h>
#include <string.h>

#include "engine/apply/linux_look.h"
#include "engine/apply/unc.h"
#include "engine/model/settings_flags.h"

static int no_system(const char *path, struct err *e)
{
    err_reset(e);
    err_fact(e, FACT_FILE, "%s", path);
    return err_cause(e, CAUSE_IMAGE_NO_SYSTEM);
}

static int is_file(const char *path, struct err *e)
{
    bool device = strncmp(path, "/dev/", 5) == 0;
    err_reset(e);
    err_fact(e, FACT_FILE, "%s", path);
    err_fact(e, FACT_COMMAND, "%s",
             device                    ? "mount -o rw DEVICE /mnt"
             : str_iends(path, ".wim") ? "wimmountrw FILE 1 /mnt"
                                       : "guestmount -a FILE -i /mnt");
    return err_cause(e, CAUSE_IMAGE_IS_FILE);
}

static int resolve(struct session *s, const char *given, char **ret, struct err *e)
{
    struct mounts mounts;
    struct host *h = NULL;
    struct err ignored = {0};
    /* What looks like a share with slashes may be a plain folder. */
    bool plain = given[0] == '/' && host_linux_open(given, &h, &ignored) == 0;
    host_close(h);
    if (plain || !unc_is(given)) {
        *ret = xstrdup(given);
        return 0;
    }
    if (mounts_read(s->here, &mounts, e) < 0)
        return -1;
    int r = unc_follow(given, &mounts, ret, e);
    mounts_free(&mounts);
    return r;
}

static int open_path(struct apply_target *t, struct err *e)
{
    struct err f = {0};
    if (host_linux_open(t->path, &t->own, &f) < 0) {
        if (f.lib == ENOTDIR)
            return is_file(t->path, e);
        if (f.lib == ENOENT)
            return no_system(t->path, e);
        *e = f;
        return -1;
    }
    if (host_is_live(t->own)) {
        t->kind = SYSTEM_RUNNING;
        t->host = t->own;
        return 0;
    }
    if (image_open(t->path, &t->image, &f) == 0) {
        t->kind = SYSTEM_WINDOWS;
        return 0;
    }
    if (f.cause != CAUSE_IMAGE_NOT_WINDOWS) {
        *e = f;
        return -1;
    }
    if (!linux_is_root(t->own))
        return no_system(t->path, e);
    t->kind = SYSTEM_LINUX;
    t->host = t->own;
    return 0;
}

int apply_target_open(struct session *s, struct apply_target *ret, struct err *e)
{
    const char *given = settings_get(s->s, OPT_OFFLINE_IMAGE);
    *ret = (struct apply_target){0};
    if (*given)
        return resolve(s, given, &ret->path, e) < 0 ? -1 : open_path(ret, e);
    ret->path = xstrdup("");
    ret->host = s->target;
    ret->kind = host_is_live(s->target) ? SYSTEM_RUNNING : SYSTEM_LINUX;
    return 0;
}

void apply_target_close(struct apply_target *t)
{
    image_free(&t->image);
    host_close(t->own);
    free(t->path);
    *t = (struct apply_target){0};
}

int apply_target_allowed(struct session *s, const struct apply_target *t, struct err *e)
{
    bool online = settings_bool(s->s, OPT_FLAG_PROVISION_ONLINE_CALLER);
    if (t->kind != SYSTEM_RUNNING) {
        if (online)
            return settings_refuse(s->s, e, CAUSE_ONLINE_CALLER_IMAGE,
                                   OPT_FLAG_PROVISION_ONLINE_CALLER);
        return 0;
    }
    if (!online)
        return settings_refuse(s->s, e, CAUSE_IMAGE_IS_RUNNING, OPT_OFFLINE_IMAGE);
    return host_is_root(t->host) ? 0 : err_cause(e, CAUSE_ONLINE_CALLER_ROOT);
}

enum image_method apply_wish(const struct settings *s)
{
    const char *word = settings_get(s, OPT_OFFLINE_IMAGE_METHOD);
    return str_eq(word, "unattend")    ? IMAGE_UNATTEND
           : str_eq(word, "firstboot") ? IMAGE_FIRSTBOOT
                                       : IMAGE_NO_METHOD;
}
