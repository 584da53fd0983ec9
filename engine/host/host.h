/*
 * The one door to the machine: files, programs, clock, host name and lock of the system under a
 * root directory
 * ("/" is the running system). All paths are absolute inside that root; symbolic links in them are
 * resolved inside it, so that nothing outside can be read, written or run.
 *
 * All int functions return 0, or -1 with *e filled, unless said otherwise.
 */
#ifndef JOINERY_HOST_HOST_H
#define JOINERY_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/err.h"
#include "engine/base/strv.h"

enum host_kind { HOST_ABSENT, HOST_FILE, HOST_DIR, HOST_LINK, HOST_OTHER };

struct host_meta {
    enum host_kind kind;
    mode_t mode; /* permission bits only */
    uid_t uid;
    gid_t gid;
    uint64_t size;
    int64_t mtime; /* seconds since 1970 */
};

#define HOST_FILE_MAX   (8u << 20)  /* configuration files larger than this are refused */
#define HOST_OUTPUT_MAX (64u << 10) /* kept of what a program prints */

struct host_cmd {
    const char *const
        *argv; /* argv[0]: a bare tool name, looked up with host_find_tool, or an absolute path */
    const char *const *env; /* "NAME=value" added to the clean environment; may be NULL */
    const void *in;         /* standard input; NULL = empty */
    size_t in_len;
    int timeout_ms; /* 0 = 60 s */
    /* With a root other than "/" the program of that root is run, by chroot in the child, and only
     * if this says that the program needs nothing but files. */
    bool chroot_ok;
    const struct cancel *cancel; /* may be NULL */
};

enum host_ran { HOST_RAN, HOST_NO_TOOL, HOST_NOT_POSSIBLE };

struct host_result {
    enum host_ran ran; /* the other fields count only with HOST_RAN */
    int status;        /* exit status, or 128 + signal */
    struct buf out;    /* standard output and error as they came, cut at HOST_OUTPUT_MAX */
};

struct host;
struct host_ops {
    /* Fills ret (its .max is the size cap). An absent file is an error with ENOENT in e->lib. */
    int (*read)(struct host *, const char *path, struct buf *ret, struct err *);
    /* An absent path is no error: kind HOST_ABSENT. Follows links, except for `lstat`. */
    int (*stat)(struct host *, const char *path, bool follow, struct host_meta *ret, struct err *);
    int (*list)(struct host *, const char *dir, struct strv *ret, struct err *);
    int (*readlink)(struct host *, const char *path, char **ret, struct err *);
    int (*write_new)(struct host *, const char *path, const struct host_meta *,
                     const char *label_from, const void *, size_t, struct err *);
    int (*symlink)(struct host *, const char *target, const char *path, struct err *);
    int (*append)(struct host *, const char *path, const void *, size_t, struct err *);
    int (*open)(struct host *, const char *path, int *ret_fd, struct err *);
    int (*link)(struct host *, const char *from, const char *to, struct err *);
    int (*rename)(struct host *, const char *from, const char *to, struct err *);
    int (*remove)(struct host *, const char *path, bool wipe, struct err *);
    int (*mkdir)(struct host *, const char *path, mode_t mode, struct err *);
    int (*exec)(struct host *, const struct host_cmd *, struct host_result *ret, struct err *);
    int (*sethostname)(struct host *, const char *name, struct err *);
    int (*lock)(struct host *, int *ret_fd, struct err *);
    int (*mount)(struct host *, const char *device, const char *fstype, const char *point,
                 struct err *);
    int (*umount)(struct host *, const char *point, struct err *);
    int64_t (*now)(struct host *);
    void (*close)(struct host *);
};
struct host {
    const struct host_ops *ops;
    bool live; /* the root is "/": services may be restarted, the host name set */
    bool root; /* effective user 0 */
    /* Set for a while: links and removals are not synced one by one, because the caller's next
     * synced call in the same directory, or doing them again after a crash, is enough. */
    bool unsynced;
};

/* Where the system's own keytab is. */
#define HOST_KEYTAB "/etc/krb5.keytab"

/* The system under `root`, which must be an existing directory. */
int host_linux_open(const char *root, struct host **ret, struct err *e) MUST_USE;
void host_close(struct host *h); /* NULL is fine */

static inline bool host_is_live(const struct host *h)
{
    return h->live;
}
static inline bool host_is_root(const struct host *h)
{
    return h->root;
}

int host_read(struct host *h, const char *path, struct buf *ret, struct err *e) MUST_USE;
/* As host_read, but an absent file leaves `ret` empty and *present false. */
int host_read_opt(struct host *h, const char *path, struct buf *ret, bool *present,
                  struct err *e) MUST_USE;
int host_stat(struct host *h, const char *path, struct host_meta *ret, struct err *e) MUST_USE;
int host_lstat(struct host *h, const char *path, struct host_meta *ret, struct err *e) MUST_USE;
bool host_exists(struct host *h, const char *path); /* false on any error */
/* Names in a directory, sorted, without "." and ".."; an absent directory has none. */
int host_list(struct host *h, const char *dir, struct strv *ret, struct err *e) MUST_USE;
int host_readlink(struct host *h, const char *path, char **ret, struct err *e) MUST_USE;
/* A descriptor for reading whatever is at the path (O_NONBLOCK: a pipe does not hold anybody up);
 * it is the caller's to close. For files too large for host_read, and for what only a descriptor
 * tells (mount, extended attributes). */
int host_open_read(struct host *h, const char *path, int *ret_fd, struct err *e) MUST_USE;
/* Follows links at the end of a path: the path whose replacement keeps the owner's link. ret is
 * malloc'ed. */
int host_resolve(struct host *h, const char *path, char **ret, struct err *e) MUST_USE;

/* A file of our own: mode as given, owned by whoever runs this (root, except in tests). */
struct host_meta host_meta_own(mode_t mode);

/* Replaces a file atomically (new file in the same directory, synced, renamed, directory synced).
 * Mode and owner come from meta, or from the old file, or are host_meta_own(0644); the SELinux
 * label is the old file's. Parents must exist. */
int host_replace(struct host *h, const char *path, const struct host_meta *meta, const void *data,
                 size_t len, struct err *e) MUST_USE;
/* The first half of host_replace: creates `path`, which must not exist, complete and synced.
 * label_from: a file whose SELinux label is copied, may be NULL. */
int host_write_new(struct host *h, const char *path, const struct host_meta *meta,
                   const char *label_from, const void *data, size_t len, struct err *e) MUST_USE;
int host_symlink(struct host *h, const char *target, const char *path, struct err *e) MUST_USE;
/* Appends and syncs; the file must exist. All of it or nothing. */
int host_append(struct host *h, const char *path, const void *data, size_t len,
                struct err *e) MUST_USE;
/* A second name for a file, which must not exist; synced. File systems without them: errno in
 * e->lib. */
int host_link(struct host *h, const char *from, const char *to, struct err *e) MUST_USE;
/* Renames over the target and syncs the directory of the target. */
int host_rename(struct host *h, const char *from, const char *to, struct err *e) MUST_USE;
/* Removes a file, link or empty directory; absent is fine. The link itself is removed, never what
 * it points to. */
int host_remove(struct host *h, const char *path, struct err *e) MUST_USE;
/* Overwrites the contents, syncs, and removes. For files that hold keys. */
int host_remove_wipe(struct host *h, const char *path, struct err *e) MUST_USE;
int host_mkdir_p(struct host *h, const char *path, mode_t mode, struct err *e) MUST_USE;
/* Removes a directory with everything in it, not following links, at most three levels deep; files
 * are wiped, because there may be keys among them. */
int host_remove_tree(struct host *h, const char *dir, struct err *e) MUST_USE;

/* Where a program stands in /usr/sbin /usr/bin /sbin /bin of the root; malloc'ed, NULL when it is
 * not there. */
char *host_find_tool(struct host *h, const char *name);
/* Runs a program and waits. A program that ran and failed is no error: see result. Errors: cannot
 * start, timed out, cancelled. host_result_free afterwards in any case. */
int host_exec(struct host *h, const struct host_cmd *cmd, struct host_result *ret,
              struct err *e) MUST_USE;
void host_result_free(struct host_result *r);

/* The running name when live, else what /etc/hostname says; malloc'ed. */
int host_get_hostname(struct host *h, char **ret, struct err *e) MUST_USE;
/* What takes effect at the next boot: /etc/hostname. malloc'ed, "" when there is none. */
int host_static_hostname(struct host *h, char **ret, struct err *e) MUST_USE;
int host_set_hostname(struct host *h, const char *name, struct err *e) MUST_USE; /* live only */
int64_t host_now(struct host *h); /* wall clock, seconds since 1970 */

/* Mounts a device's file system at an existing folder, to be read: read-only, its journal
 * untouched, no programs, devices or links of it followed. Running system only. Unmounting does not
 * wait for who still has a file open. errno in e->lib. */
int host_mount(struct host *h, const char *device, const char *fstype, const char *point,
               struct err *e) MUST_USE;
int host_umount(struct host *h, const char *point, struct err *e) MUST_USE;

/* One operation at a time on one root, across processes and threads. Contended: CAUSE_LOCK_HELD
 * (1791). The lock's file goes with it, and so does its directory when nothing else is in it. */
struct host_lock {
    int fd; /* -1 = not held */
    struct host *h;
};
#define HOST_LOCK_DIR  "/var/lib/joinery"
#define HOST_LOCK_FILE HOST_LOCK_DIR "/lock"
#define HOST_LOCK_INIT ((struct host_lock){.fd = -1})
int host_lock_take(struct host *h, struct host_lock *ret, struct err *e) MUST_USE;
void host_unlock(struct host_lock *l);

/* For tests: passes everything on to `inner`, which stays the caller's, but the call number
 * `fail_at` (counting from 1) that changes something fails with `no`. */
struct host *host_faulty(struct host *inner, unsigned fail_at, int no);
unsigned host_faulty_calls(const struct host *h); /* changing calls seen so far */

#endif
