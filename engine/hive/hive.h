/*
 * A registry hive, by libhivex, always on a copy in memory: the file itself is never opened by the
 * library. The copy is checked first (hive_check), because hives come from machines that nobody
 * vouches for. Format: "regf" 1.3 to 1.6.
 *
 * Memory: one copy for reading; two for writing (the library's and the one that hive_save() makes).
 */
#ifndef JOINERY_HIVE_HIVE_H
#define JOINERY_HIVE_HIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/err.h"
#include "engine/base/strv.h"

#define HIVE_MAX        (512u << 20) /* larger files are refused */
#define HIVE_STRING_MAX 65536        /* bytes of a text value; longer ones are taken as absent */

/* A hive as bytes in memory. */
struct hive_image {
    void *data; /* read-only; NULL where nobody needs to see them (hive_load) */
    size_t len;
    int fd;       /* the memory behind it; -1 = none */
    uint32_t seq; /* sequence number: a log's entries are compared with it */
};
#define HIVE_IMAGE_INIT ((struct hive_image){.fd = -1})
void hive_image_free(struct hive_image *img);

struct hive;
typedef size_t hive_key; /* 0 = no such key */

/*
 * fd: the hive's file, open for reading; it stays the caller's. name: for error messages.
 * Errors: IMAGE_NOT_WINDOWS (87), IMAGE_DIRTY (2717), HIVE_DAMAGED (2717), FILE_READ_FAILED.
 */
int hive_load(int fd, const char *name, struct hive_image *ret, struct err *e) MUST_USE;
/* A handle on loaded or saved bytes, which it does not need any more afterwards. */
int hive_attach(const struct hive_image *img, bool writable, struct hive **ret,
                struct err *e) MUST_USE;
/* Both. */
int hive_open(int fd, const char *name, bool writable, struct hive **ret, struct err *e) MUST_USE;
void hive_close(struct hive *h); /* NULL is fine */

hive_key hive_root(struct hive *h);
/* Names separated by '\'; case does not count. From 0 comes 0. */
hive_key hive_find(struct hive *h, hive_key from, const char *path);
/* Whether the value exists and is of the kind; key 0 has no values. value "" is the default one. */
bool hive_get_u32(struct hive *h, hive_key key, const char *value, uint32_t *ret);
/* REG_SZ and REG_EXPAND_SZ as UTF-8, malloc'ed; NULL when absent or of another kind. */
char *hive_get_text(struct hive *h, hive_key key, const char *value);
/* Length of the data in bytes, whatever its type; -1 when absent. */
long hive_value_length(struct hive *h, hive_key key, const char *value);
bool hive_has_children(struct hive *h, hive_key key);

/* In memory only; the key must exist. */
int hive_set_u32(struct hive *h, hive_key key, const char *value, uint32_t data,
                 struct err *e) MUST_USE;
int hive_set_text(struct hive *h, hive_key key, const char *value, const char *ascii,
                  struct err *e) MUST_USE;

/*
 * Writes the hive to memory, closes it (*h becomes NULL in every case), and checks the result: its
 * structure, and that libhivex opens it. Release with hive_image_free.
 */
int hive_save(struct hive **h, struct hive_image *ret, struct err *e) MUST_USE;
/* The same, but *h is a handle on the result then, for reading; NULL after a failure. */
int hive_save_open(struct hive **h, struct hive_image *ret, struct err *e) MUST_USE;

#endif
