/*
 * JOB_VOLUMES: the volumes of this machine that may hold a system to enrol or provisioning data:
 * what is mounted, by looking; what is not, by name. Nothing is written, and nothing mounted but at
 * a first boot; then the folder for data that the image itself brings along is looked into, too.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/apply/media.h"
#include "engine/apply/mounts.h"
#include "engine/apply/volumes_look.h"
#include "engine/flow/session.h"
#include "engine/host/search.h"

#define VOLUMES_MAX 64
#define LIST_MS     30000
#define MOUNT_MS    10000 /* a disc has to be turned first */

struct listing {
    struct session *s;
    struct mounts mounts;
    unsigned n;
    int64_t end; /* ms: what was not looked at by then is listed by name */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int time_left(const struct listing *l, int most)
{
    int64_t left = l->end - now_ms();
    return left < 0 ? 0 : left < most ? (int)left : most;
}

/* ---- about devices, from the kernel and udev -------------------------------------------------*/

static char *read_text(struct session *s, const char *path)
{
    struct buf b = BUF_INIT(64u << 10);
    struct err ignored = {0};
    bool present;
    if (host_read_opt(s->here, path, &b, &present, &ignored) < 0)
        b.failed = true;
    char *r = buf_steal(&b);
    return r ? r : xstrdup("");
}

/* KEY=value or E:KEY=value on a line of its own; "" when it is not there. */
static char *value_of(const char *text, const char *key)
{
    size_t k = strlen(key);
    for (const char *p = text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
        if (strncmp(p, key, k) == 0) {
            char *v = xstrndup(p + k, strcspn(p + k, "\n"));
            err_clean_text(v);
            return v;
        }
    }
    return xstrdup("");
}

/* On a stick, a card, a disc: the kernel says so of the disk, or it hangs on USB. */
static bool is_removable(struct session *s, unsigned major, unsigned minor)
{
    static const char *const ends[] = {"removable", "../removable"};
    struct err ignored = {0};
    AUTOFREE char *dir = xasprintf("/sys/dev/block/%u:%u", major, minor);
    AUTOFREE char *target = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        AUTOFREE char *file = xasprintf("%s/%s", dir, ends[i]);
        AUTOFREE char *text = read_text(s, file);
        if (text[0] == '1')
            return true;
    }
    return host_readlink(s->here, dir, &target, &ignored) == 0 && strstr(target, "/usb") != NULL;
}

static char *udev_data(struct session *s, unsigned major, unsigned minor)
{
    AUTOFREE char *file = xasprintf("/run/udev/data/b%u:%u", major, minor);
    return read_text(s, file);
}

/* ---- what is mounted -------------------------------------------------------------------------*/

static bool is_network(const char *fstype)
{
    return str_eq(fstype, "cifs") || str_eq(fstype, "smb3") || strncmp(fstype, "nfs", 3) == 0 ||
           str_eq(fstype, "9p") || str_eq(fstype, "virtiofs");
}

/* File systems that keep things: those on a block device, and those that have no device number of
 * their own. */
static bool is_storage(const struct mount *m)
{
    /* Whatever the root of a live system lies on. */
    return m->major != 0 || str_eq(m->point, "/") || str_eq(m->fstype, "btrfs") ||
           str_eq(m->fstype, "zfs") || strncmp(m->fstype, "fuse", 4) == 0 ||
           str_eq(m->fstype, "ntfs3") || is_network(m->fstype);
}

static const char *const fuse_services[] = {"fusectl", "fuse.portal", "fuse.gvfsd-fuse",
                                            "fuse.lxcfs", "fuse.snapfuse"};

static bool is_service(const struct mount *m)
{
    static const char *const places[] = {"/proc", "/sys", "/dev", "/run/user", "/snap", "/boot"};
    for (size_t i = 0; i < ARRAY_SIZE(fuse_services); i++) {
        if (str_eq(m->fstype, fuse_services[i]))
            return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        size_t n = strlen(places[i]);
        if (strncmp(m->point, places[i], n) == 0 && (m->point[n] == '/' || m->point[n] == '\0'))
            return true;
    }
    return false;
}

/* Another mount lies over it. */
static bool is_covered(const struct listing *l, size_t at)
{
    for (size_t i = at + 1; i < l->mounts.n; i++) {
        if (str_eq(l->mounts.m[i].point, l->mounts.m[at].point))
            return true;
    }
    return false;
}

/* The same folder of the same file system was seen at another place before. */
static bool is_again(const struct listing *l, size_t at)
{
    const struct mount *m = &l->mounts.m[at];
    for (size_t i = 0; i < at && !is_network(m->fstype); i++) {
        const struct mount *o = &l->mounts.m[i];
        if (o->major == m->major && o->minor == m->minor && str_eq(o->root, m->root) &&
            str_eq(o->source, m->source) && !is_service(o) && !is_covered(l, i))
            return true;
    }
    return false;
}

static void send_volume(struct listing *l, struct volume_view *v)
{
    struct engine_msg *m = report_new(l->s->r, MSG_VOLUME);
    m->u.volume = *v;
    *v = (struct volume_view){0};
    l->s->r->send(l->s->r->arg, m);
    l->n++;
}

static int list_mount(struct listing *l, const struct mount *m, bool removable, struct err *e)
{
    struct session *s = l->s;
    AUTOFREE char *udev = m->major ? udev_data(s, m->major, m->minor) : xstrdup("");
    struct volume_view v = {
        .path = xstrdup(m->point),
        .device = xstrdup(m->source),
        .fstype = xstrdup(m->fstype),
        .label = value_of(udev, "E:ID_FS_LABEL="),
        .system = xstrdup(""),
        .read_only = m->read_only,
        .removable = removable,
    };
    int r = volume_look(&v, time_left(l, VOLUME_LOOK_MS), s->cancel, e);
    /* A home or data volume says nothing here unless there is something on it. */
    if (r == 0 && (v.kind != SYSTEM_NONE || v.removable || v.blobs.n || v.err.code))
        send_volume(l, &v);
    volume_view_free(&v);
    return r;
}

/* Either what was brought here or what belongs to the machine. */
static int list_mounts(struct listing *l, bool brought, struct err *e)
{
    struct host_meta meta;
    struct err ignored = {0};
    for (size_t i = 0; i < l->mounts.n && l->n < VOLUMES_MAX; i++) {
        const struct mount *m = &l->mounts.m[i];
        if (!is_storage(m) || is_service(m) || is_covered(l, i) || is_again(l, i))
            continue;
        bool removable = m->major != 0 && is_removable(l->s, m->major, m->minor);
        if (removable != brought)
            continue;
        /* Single files are mounted in containers. Asking a share could take forever. */
        if (!is_network(m->fstype) && strncmp(m->fstype, "fuse", 4) != 0 &&
            (host_stat(l->s->here, m->point, &meta, &ignored) < 0 || meta.kind != HOST_DIR))
            continue;
        if (list_mount(l, m, removable, e) < 0)
            return -1;
    }
    return 0;
}

/* ---- what is not -----------------------------------------------------------------------------*/

static bool is_mounted(const struct listing *l, unsigned major, unsigned minor, const char *node)
{
    for (size_t i = 0; i < l->mounts.n; i++) {
        const struct mount *m = &l->mounts.m[i];
        /* By FUSE: the device stands as the source. */
        if ((m->major == major && m->minor == minor) || str_eq(m->source, node))
            return true;
    }
    return false;
}

static bool holds_files(const char *fstype)
{
    static const char *const known[] = {"ntfs",    "ntfs3", "vfat",      "exfat",      "ext2",
                                        "ext3",    "ext4",  "xfs",       "btrfs",      "udf",
                                        "iso9660", "f2fs",  "BitLocker", "crypto_LUKS"};
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if (str_eq(fstype, known[i]))
            return true;
    }
    return false;
}

/* What udev has found out already; else by looking. */
static void identify(struct listing *l, unsigned major, unsigned minor, const char *node,
                     struct volume_view *v)
{
    unsigned char head[VOLUME_HEAD];
    char label[64];
    AUTOFREE char *udev = udev_data(l->s, major, minor);
    v->fstype = value_of(udev, "E:ID_FS_TYPE=");
    v->label = value_of(udev, "E:ID_FS_LABEL=");
    if (*v->fstype || *udev)
        return;
    size_t n = host_peek_device(node, head, sizeof head);
    const char *type = volume_fstype(head, n, label);
    if (!type)
        return;
    free(v->fstype);
    free(v->label);
    v->fstype = xstrdup(type);
    v->label = xstrdup(label);
}

/* A stick that nobody mounted. False: it cannot be, or there is nothing on it. */
static int list_media(struct listing *l, struct volume_view *v, bool *listed, struct err *e)
{
    char *point = l->s->mounts && v->removable && !v->err.code
                      ? media_mount(l->s, v->device, v->fstype, time_left(l, MOUNT_MS))
                      : NULL;
    *listed = point != NULL;
    if (!point)
        return 0;
    free(v->path);
    v->path = point;
    v->read_only = true;
    if (volume_look(v, time_left(l, VOLUME_LOOK_MS), l->s->cancel, e) < 0)
        return -1;
    send_volume(l, v);
    return 0;
}

/* What the image brings along, as the only volume that is `own`. */
static int list_own(struct listing *l, struct err *e)
{
    bool live = host_is_live(l->s->target);
    struct volume_view v = {
        .path = xasprintf("%s%s", live ? "" : l->s->root, VOLUME_OWN_DIR),
        .device = xstrdup(""),
        .fstype = xstrdup(""),
        .label = xstrdup(""),
        .system = xstrdup(""),
        .own = true,
    };
    int r = 0;
    if (host_exists(l->s->target, VOLUME_OWN_DIR))
        r = volume_look(&v, time_left(l, VOLUME_LOOK_MS), l->s->cancel, e);
    if (r == 0 && v.blobs.n)
        send_volume(l, &v);
    volume_view_free(&v);
    return r;
}

static int list_device(struct listing *l, unsigned major, unsigned minor, const char *name,
                       struct err *e)
{
    AUTOFREE char *node = xasprintf("/dev/%s", name);
    if (is_mounted(l, major, minor, node))
        return 0;
    struct volume_view v = {
        .path = xstrdup(""),
        .device = xstrdup(node),
        .system = xstrdup(""),
        .removable = is_removable(l->s, major, minor),
    };
    identify(l, major, minor, node, &v);
    bool listed;
    int r = list_media(l, &v, &listed, e);
    if (!listed && holds_files(v.fstype)) {
        err_cause(&v.err, CAUSE_VOLUME_NOT_MOUNTED);
        err_fact(&v.err, FACT_FILE, "%s", node);
        bool locked = str_eq(v.fstype, "BitLocker") || str_eq(v.fstype, "crypto_LUKS");
        err_fact(&v.err, FACT_COMMAND, locked ? "cryptsetup open %s NAME" : "mount %s /mnt", node);
        send_volume(l, &v);
    }
    volume_view_free(&v);
    return r;
}

/* A name of the kernel's: letters, digits, and ! for a slash, which is left out. */
static bool plain_name(const char *name)
{
    return name[0] && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789-_")] == '\0';
}

static int list_devices(struct listing *l, struct err *e)
{
    AUTOFREE char *text = read_text(l->s, "/proc/partitions");
    for (const char *p = text; p && l->n < VOLUMES_MAX;
         p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
        unsigned major, minor;
        unsigned long long blocks;
        char name[64];
        /* Memory and floppies are left alone. The blank line below the heading is no device. */
        if (*p == '\n' || sscanf(p, " %u %u %llu %63s", &major, &minor, &blocks, name) != 4 ||
            blocks < 64 || !plain_name(name) || major == 1 || major == 2 ||
            strncmp(name, "zram", 4) == 0)
            continue;
        if (cancel_check(l->s->cancel, e) < 0)
            return -1;
        if (list_device(l, major, minor, name, e) < 0)
            return -1;
    }
    return 0;
}

int flow_volumes(struct session *s, struct err *e)
{
    struct listing l = {.s = s, .end = now_ms() + LIST_MS};
    if (s->mounts)
        media_release(s);
    if (mounts_read(s->here, &l.mounts, e) < 0)
        return -1;
    int r = list_mounts(&l, true, e); /* a stick that was put in is what is looked for */
    if (r == 0)
        r = list_mounts(&l, false, e);
    if (r == 0)
        r = list_devices(&l, e);
    if (r == 0 && s->mounts)
        r = list_own(&l, e);
    mounts_free(&l.mounts);
    return r;
}
