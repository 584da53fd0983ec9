/* The tree of keys: nk cells, their lists (lf, lh, li, ri), values (vk, db), classes and security
 * records (sk). */
#include <stdlib.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/hive/check.h"
#include "engine/hive/check_int.h"

/* nk: offsets in the payload. */
enum {
    NK_SUBKEYS = 20,
    NK_LIST = 28,
    NK_VALUES = 36,
    NK_VALUE_LIST = 40,
    NK_SECURITY = 44,
    NK_CLASS = 48,
    NK_NAME_LEN = 72,
    NK_CLASS_LEN = 74,
    NK_NAME = 76,
};
enum { VK_NAME_LEN = 2, VK_DATA_LEN = 4, VK_DATA = 8, VK_NAME = 20 };
#define VK_INLINE 0x80000000u

/* More than any real hive; below what the library takes. */
#define VALUES_MAX 50000

static const char *push(struct hive_walk *w, uint32_t off, uint32_t depth)
{
    const unsigned char *p = hive_cell(w, off, NK_NAME, NULL);
    w->at = off;
    if (!p || memcmp(p, "nk", 2) != 0)
        return "a key that is none";
    if (depth > HIVE_DEPTH_MAX)
        return "keys too deep";
    if (!hive_once(w, off))
        return "a key that is in two places";
    if (w->n_todo == w->cap_todo) {
        w->cap_todo = w->cap_todo ? 2 * w->cap_todo : 256;
        w->todo = xrealloc_array(w->todo, w->cap_todo, sizeof *w->todo);
    }
    w->todo[w->n_todo++] = (struct hive_todo){off, depth};
    return NULL;
}

/* lf, lh (offset, hash) or li (offset): keys. *left counts down what the key says it has. */
static const char *leaf(struct hive_walk *w, uint32_t off, uint32_t depth, uint32_t *left)
{
    uint32_t len;
    const unsigned char *p = hive_cell(w, off, 4, &len);
    w->at = off;
    bool li = p && memcmp(p, "li", 2) == 0;
    if (!p || (!li && memcmp(p, "lf", 2) != 0 && memcmp(p, "lh", 2) != 0))
        return "a list of keys that is none";
    uint32_t n = hive_u16(p + 2), size = li ? 4 : 8;
    if (n > *left || n > (len - 4) / size)
        return "a list of keys with a wrong count";
    if (!hive_once(w, off))
        return "a list that is in two places";
    *left -= n;
    for (uint32_t i = 0; i < n; i++) {
        const char *bad = push(w, hive_u32(p + 4 + (size_t)i * size), depth);
        if (bad)
            return bad;
    }
    return NULL;
}

static const char *subkeys(struct hive_walk *w, uint32_t off, uint32_t depth, uint32_t left)
{
    uint32_t len;
    const unsigned char *p = hive_cell(w, off, 4, &len);
    w->at = off;
    if (!p)
        return "a list of keys that is none";
    const char *bad = NULL;
    if (memcmp(p, "ri", 2) != 0) {
        bad = leaf(w, off, depth, &left);
    } else {
        uint32_t n = hive_u16(p + 2);
        if (n > (len - 4) / 4 || !hive_once(w, off))
            return "a list of lists with a wrong count";
        for (uint32_t i = 0; i < n && !bad; i++)
            bad = leaf(w, hive_u32(p + 4 + (size_t)i * 4), depth, &left);
    }
    return bad ? bad : left != 0 ? "a list of keys with a wrong count" : NULL;
}

/* A value in pieces: count, list of pieces, each of at most HIVE_BIG bytes. */
static const char *pieces(struct hive_walk *w, const unsigned char *db, uint32_t len)
{
    uint32_t n = hive_u16(db + 2), list = hive_u32(db + 4);
    const unsigned char *p = hive_cell(w, list, n * 4, NULL);
    if (!p || n < 2 || !hive_once(w, list))
        return "a large value without its list";
    for (uint32_t i = 0; i < n; i++) {
        uint32_t want = len < HIVE_BIG ? len : HIVE_BIG;
        uint32_t piece = hive_u32(p + (size_t)i * 4);
        if (!hive_cell(w, piece, want, NULL) || !hive_once(w, piece))
            return "a large value with a piece missing";
        len -= want;
    }
    return len == 0 ? NULL : "a large value that is too short";
}

static const char *value(struct hive_walk *w, uint32_t off)
{
    uint32_t len;
    const unsigned char *p = hive_cell(w, off, VK_NAME, &len);
    w->at = off;
    if (!p || memcmp(p, "vk", 2) != 0 || hive_u16(p + VK_NAME_LEN) > len - VK_NAME)
        return "a value that is none";
    if (!hive_once(w, off))
        return "a value that is in two places";
    uint32_t data = hive_u32(p + VK_DATA_LEN), where = hive_u32(p + VK_DATA);
    if (data & VK_INLINE)
        return (data & ~VK_INLINE) <= 4 ? NULL : "a value of impossible length";
    if (data == 0)
        return NULL;
    uint32_t cell;
    const unsigned char *q = hive_cell(w, where, 4, &cell);
    if (q && !hive_once(w, where))
        return "data that is in two places";
    if (q && w->big && data > HIVE_BIG && cell >= 8 && memcmp(q, "db", 2) == 0)
        return pieces(w, q, data);
    return q && cell >= data ? NULL : "a value whose data is missing";
}

static const char *values(struct hive_walk *w, uint32_t off, uint32_t n)
{
    const unsigned char *p = n <= VALUES_MAX ? hive_cell(w, off, n * 4, NULL) : NULL;
    w->at = off;
    if (!p || !hive_once(w, off))
        return "a list of values with a wrong count";
    const char *bad = NULL;
    for (uint32_t i = 0; i < n && !bad; i++)
        bad = value(w, hive_u32(p + (size_t)i * 4));
    return bad;
}

static const char *key(struct hive_walk *w, struct hive_todo t)
{
    uint32_t len;
    const unsigned char *p = hive_cell(w, t.off, NK_NAME, &len);
    w->at = t.off;
    if (!p || hive_u16(p + NK_NAME_LEN) > len - NK_NAME)
        return "a key whose name is too long";
    uint32_t security = hive_u32(p + NK_SECURITY), class_len = hive_u16(p + NK_CLASS_LEN);
    const unsigned char *sk = security == HIVE_NONE ? NULL : hive_cell(w, security, 20, NULL);
    if (security != HIVE_NONE && (!sk || memcmp(sk, "sk", 2) != 0))
        return "a key without its access list";
    uint32_t class = hive_u32(p + NK_CLASS);
    if (class_len > 0 && class != HIVE_NONE &&
        (!hive_cell(w, class, class_len, NULL) || !hive_once(w, class)))
        return "a key without its class";
    uint32_t n = hive_u32(p + NK_VALUES), sub = hive_u32(p + NK_SUBKEYS);
    const char *bad = n ? values(w, hive_u32(p + NK_VALUE_LIST), n) : NULL;
    if (!bad && sub)
        bad = subkeys(w, hive_u32(p + NK_LIST), t.depth + 1, sub);
    return bad;
}

const char *hive_walk_keys(struct hive_walk *w, uint32_t root)
{
    const char *bad = push(w, root, 1);
    while (!bad && w->n_todo > 0)
        bad = key(w, w->todo[--w->n_todo]);
    return bad;
}
