/* Changing values, and the changed hive as bytes. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/hive/check.h"
#include "engine/hive/hive_int.h"

#define BESIDE_MAX 500   /* values of one key: more than any real key that we change has */
#define DATA_MAX   16344 /* longer data is kept in pieces, which the library does not write */

static bool had_before(char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (str_ieq(names[i], name))
            return true;
    }
    return false;
}

/* The library writes all values of the key anew: whether each of them will be the same again. Names
 * with a NUL inside, and two that are the same to it, would not. */
static bool rewritable(struct hive *h, hive_key key)
{
    AUTOFREE hive_value_h *values = hivex_node_values(h->h, key);
    CLEANUP(strv_free) struct strv names = {0};
    for (size_t i = 0; values && values[i]; i++) {
        hive_type t;
        size_t len;
        char *name = hivex_value_key(h->h, values[i]);
        if (!name)
            return false;
        bool fine = strlen(name) == hivex_value_key_len(h->h, values[i]) &&
                    !had_before(names.s, names.n, name);
        strv_take(&names, name);
        if (!fine || i >= BESIDE_MAX || hivex_value_type(h->h, values[i], &t, &len) != 0 ||
            len > DATA_MAX)
            return false;
    }
    return values != NULL;
}

static int set(struct hive *h, hive_key key, const char *name, hive_type t, const void *data,
               size_t len, struct err *e)
{
    /* The library's struct has no const; it does not write through these. */
    AUTOFREE char *name_copy = xstrdup(name);
    AUTOFREE char *data_copy = xcalloc(1, len + 1);
    memcpy(data_copy, data, len);
    hive_set_value v = {.key = name_copy, .t = t, .len = len, .value = data_copy};
    if (!key || !rewritable(h, key))
        return err_errno(e, CAUSE_HIVE_WRITE_FAILED, key ? EILSEQ : ENOENT, NULL);
    if (hivex_node_set_value(h->h, key, &v, 0) != 0)
        return err_errno(e, CAUSE_HIVE_WRITE_FAILED, errno, NULL);
    return 0;
}

int hive_set_u32(struct hive *h, hive_key key, const char *value, uint32_t data, struct err *e)
{
    unsigned char p[4] = {(unsigned char)data, (unsigned char)(data >> 8),
                          (unsigned char)(data >> 16), (unsigned char)(data >> 24)};
    return set(h, key, value, hive_t_REG_DWORD, p, sizeof p, e);
}

int hive_set_text(struct hive *h, hive_key key, const char *value, const char *ascii, struct err *e)
{
    size_t n = strlen(ascii) + 1; /* with the NUL */
    AUTOFREE unsigned char *p = xcalloc(n, 2);
    for (size_t i = 0; i < n; i++)
        p[2 * i] = (unsigned char)ascii[i];
    return set(h, key, value, hive_t_REG_SZ, p, 2 * n, e);
}

static int map(int fd, struct hive_image *ret, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size <= 0 || st.st_size > (off_t)HIVE_MAX)
        return err_errno(e, CAUSE_HIVE_WRITE_FAILED, EFBIG, NULL);
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (p == MAP_FAILED)
        return err_errno(e, CAUSE_OUT_OF_MEMORY, errno, NULL);
    *ret = (struct hive_image){.data = p, .len = (size_t)st.st_size, .fd = fd};
    return 0;
}

/* Whatever is wrong with what the library made is a failed write, not a damaged image. */
static int verify(const struct hive_image *img, struct hive **ret, struct err *e)
{
    struct err why = {0};
    struct hive_base base;
    if (hive_check_base(img->data, img->len, &base, &why) == 0 &&
        hive_check_tree(img->data, img->len, &base, &why) == 0 &&
        hive_attach(img, false, ret, &why) == 0)
        return 0;
    const char *detail = err_fact_get(&why, FACT_DETAIL);
    err_fact(e, FACT_DETAIL, "%s", detail ? detail : why.raw);
    return err_cause(e, CAUSE_HIVE_WRITE_FAILED);
}

static int write_out(struct hive *h, struct hive_image *ret, struct err *e)
{
    char path[64];
    int fd = hive_memory(e);
    if (fd < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int rc =
        hivex_commit(h->h, path, 0) == 0 ? 0 : err_errno(e, CAUSE_HIVE_WRITE_FAILED, errno, NULL);
    if (rc == 0)
        rc = map(fd, ret, e);
    if (rc != 0)
        close(fd);
    return rc;
}

int hive_save_open(struct hive **h, struct hive_image *ret, struct err *e)
{
    *ret = HIVE_IMAGE_INIT;
    int rc = write_out(*h, ret, e);
    /* Its copy goes before the check makes another. */
    hive_close(*h);
    *h = NULL;
    if (rc == 0 && verify(ret, h, e) != 0) {
        hive_image_free(ret);
        rc = -1;
    }
    return rc;
}

int hive_save(struct hive **h, struct hive_image *ret, struct err *e)
{
    int rc = hive_save_open(h, ret, e);
    hive_close(*h);
    *h = NULL;
    return rc;
}

void hive_image_free(struct hive_image *img)
{
    if (img->data)
        munmap(img->data, img->len);
    if (img->fd >= 0)
        close(img->fd);
    *img = HIVE_IMAGE_INIT;
}
