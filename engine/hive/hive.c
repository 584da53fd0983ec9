/* Opening and reading; see hive.h. libhivex takes file names only, so a copy lies in an anonymous
 * memory file that is opened by its name under /proc. */
#define _GNU_SOURCE
#include "engine/hive/hive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/hive/check.h"
#include "engine/hive/hive_int.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int hive_memory(struct err *e)
{
    int fd = memfd_create("hive", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd >= 0 ? fd : err_errno(e, CAUSE_OUT_OF_MEMORY, errno, NULL);
}

/* Copies what the file holds now. Not more than it says, should it grow meanwhile. */
static int copy(int from, int to, const char *name, size_t *ret_len, struct err *e)
{
    struct stat st;
    if (fstat(from, &st) != 0)
        return err_errno(e, CAUSE_FILE_READ_FAILED, errno, name);
    if (!S_ISREG(st.st_mode))
        return err_errno(e, CAUSE_FILE_READ_FAILED, S_ISDIR(st.st_mode) ? EISDIR : EINVAL, name);
    if (st.st_size > (off_t)HIVE_MAX)
        return err_errno(e, CAUSE_FILE_READ_FAILED, EFBIG, name);
    off_t at = 0;
    while (at < st.st_size) {
        ssize_t n = sendfile(to, from, &at, (size_t)(st.st_size - at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(e, CAUSE_FILE_READ_FAILED, errno, name);
        if (n == 0)
            break;
    }
    *ret_len = (size_t)at;
    return 0;
}

static int check(struct hive_image *img, struct err *e)
{
    struct hive_base base;
    if (img->len < 4)
        return err_cause(e, CAUSE_IMAGE_NOT_WINDOWS);
    void *map = mmap(NULL, img->len, PROT_READ, MAP_SHARED | MAP_POPULATE, img->fd, 0);
    if (map == MAP_FAILED)
        return err_errno(e, CAUSE_OUT_OF_MEMORY, errno, NULL);
    int rc = hive_check_base(map, img->len, &base, e);
    if (rc == 0)
        rc = hive_check_tree(map, img->len, &base, e);
    img->seq = base.seq2;
    munmap(map, img->len);
    return rc;
}

int hive_load(int fd, const char *name, struct hive_image *ret, struct err *e)
{
    *ret = HIVE_IMAGE_INIT;
    ret->fd = hive_memory(e);
    if (ret->fd < 0)
        return -1;
    int rc = copy(fd, ret->fd, name, &ret->len, e);
    if (rc == 0 && fcntl(ret->fd, F_ADD_SEALS, SEALS) != 0)
        rc = err_errno(e, CAUSE_OUT_OF_MEMORY, errno, NULL);
    if (rc == 0)
        rc = check(ret, e);
    if (rc != 0) {
        err_fact(e, FACT_FILE, "%s", name);
        hive_image_free(ret);
    }
    return rc;
}

int hive_attach(const struct hive_image *img, bool writable, struct hive **ret, struct err *e)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", img->fd);
    struct hive *h = xcalloc(1, sizeof *h);
    h->h = hivex_open(path, writable ? HIVEX_OPEN_WRITE : 0);
    if (!h->h) {
        err_errno(e, errno == ENOMEM ? CAUSE_OUT_OF_MEMORY : CAUSE_HIVE_DAMAGED, errno, NULL);
        free(h);
        return -1;
    }
    *ret = h;
    return 0;
}

int hive_open(int fd, const char *name, bool writable, struct hive **ret, struct err *e)
{
    struct hive_image img;
    if (hive_load(fd, name, &img, e) != 0)
        return -1;
    int rc = hive_attach(&img, writable, ret, e);
    if (rc != 0)
        err_fact(e, FACT_FILE, "%s", name);
    hive_image_free(&img);
    return rc;
}

void hive_close(struct hive *h)
{
    if (!h)
        return;
    if (h->h)
        hivex_close(h->h);
    free(h);
}

hive_key hive_root(struct hive *h)
{
    return hivex_root(h->h);
}

hive_key hive_find(struct hive *h, hive_key from, const char *path)
{
    char name[256];
    while (from && *path) {
        size_t n = strcspn(path, "\\");
        if (n >= sizeof name)
            return 0;
        memcpy(name, path, n);
        name[n] = '\0';
        from = hivex_node_get_child(h->h, from, name);
        path += n;
        path += *path == '\\';
    }
    return from;
}

bool hive_has_children(struct hive *h, hive_key key)
{
    size_t n = key ? hivex_node_nr_children(h->h, key) : 0;
    return n > 0 && n != (size_t)-1;
}

/* The value and its type; 0 when absent. */
static hive_value_h find_value(struct hive *h, hive_key key, const char *name, hive_type *t,
                               size_t *len)
{
    hive_value_h v = key ? hivex_node_get_value(h->h, key, name) : 0;
    return v && hivex_value_type(h->h, v, t, len) == 0 ? v : 0;
}

bool hive_get_u32(struct hive *h, hive_key key, const char *value, uint32_t *ret)
{
    hive_type t;
    size_t len;
    hive_value_h v = find_value(h, key, value, &t, &len);
    if (!v || t != hive_t_REG_DWORD || len != 4)
        return false;
    AUTOFREE char *data = hivex_value_value(h->h, v, &t, &len);
    if (!data || len != 4)
        return false;
    const unsigned char *p = (const unsigned char *)data;
    *ret = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return true;
}

char *hive_get_text(struct hive *h, hive_key key, const char *value)
{
    hive_type t;
    size_t len;
    hive_value_h v = find_value(h, key, value, &t, &len);
    if (!v || (t != hive_t_REG_SZ && t != hive_t_REG_EXPAND_SZ) || len > HIVE_STRING_MAX)
        return NULL;
    return len < 2 ? xstrdup("") : hivex_value_string(h->h, v);
}

long hive_value_length(struct hive *h, hive_key key, const char *value)
{
    hive_type t;
    size_t len;
    return find_value(h, key, value, &t, &len) ? (long)len : -1;
}
