#define _GNU_SOURCE
#include "tests/unit/tiny_hive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/strv.h"

#define PAGE 4096u
#define SEQ  7u
#define NONE 0xffffffffu

struct value {
    char *name;
    uint32_t type;
    unsigned char *data;
    size_t len;
    struct value *next;
};
struct tiny {
    char *name;
    struct value *values;
    struct tiny *children, *next; /* sorted by name */
};

static struct tiny *node_new(const char *name, size_t n)
{
    struct tiny *t = xcalloc(1, sizeof *t);
    t->name = xstrndup(name, n);
    return t;
}

struct tiny *tiny_new(void)
{
    return node_new("ROOT", 4);
}

void tiny_free(struct tiny *t)
{
    while (t) {
        struct tiny *next = t->next;
        tiny_free(t->children);
        while (t->values) {
            struct value *v = t->values;
            t->values = v->next;
            free(v->name);
            free(v->data);
            free(v);
        }
        free(t->name);
        free(t);
        t = next;
    }
}

static struct tiny *find(struct tiny *t, const char *path)
{
    while (*path) {
        size_t n = strcspn(path, "\\");
        struct tiny **at = &t->children;
        int cmp = 1;
        for (; *at; at = &(*at)->next) {
            cmp = strncasecmp((*at)->name, path, n);
            if (cmp == 0)
                cmp = strlen((*at)->name) > n;
            if (cmp >= 0)
                break;
        }
        if (!*at || cmp != 0) {
            struct tiny *fresh = node_new(path, n);
            fresh->next = *at;
            *at = fresh;
        }
        t = *at;
        path += n;
        path += *path == '\\';
    }
    return t;
}

void tiny_key(struct tiny *t, const char *path)
{
    find(t, path);
}

void tiny_data(struct tiny *t, const char *path, const char *value, uint32_t type, const void *data,
               size_t len)
{
    struct value **at = &find(t, path)->values;
    while (*at && strcasecmp((*at)->name, value) != 0)
        at = &(*at)->next;
    if (!*at) {
        *at = xcalloc(1, sizeof **at);
        (*at)->name = xstrdup(value);
    }
    free((*at)->data);
    (*at)->data = xcalloc(1, len + 1);
    memcpy((*at)->data, data, len);
    (*at)->len = len;
    (*at)->type = type;
}

static void put32(unsigned char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> (8 * i));
}

static uint32_t get32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put16(unsigned char *p, size_t v)
{
    p[0] = (unsigned char)v;
    p[1] = (unsigned char)(v >> 8);
}

static unsigned get16(const unsigned char *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

void tiny_u32(struct tiny *t, const char *path, const char *value, uint32_t data)
{
    unsigned char p[4];
    put32(p, data);
    tiny_data(t, path, value, 4, p, 4);
}

void tiny_text(struct tiny *t, const char *path, const char *value, const char *ascii)
{
    size_t n = strlen(ascii) + 1;
    AUTOFREE unsigned char *p = xcalloc(n, 2);
    for (size_t i = 0; i < n; i++)
        p[2 * i] = (unsigned char)ascii[i];
    tiny_data(t, path, value, 1, p, 2 * n);
}

/* ---- writing --------------------------------------------------------------------------------- */

struct out {
    unsigned char *p; /* behind the base block, starting with the bin's head */
    uint32_t len;
    uint32_t sk;
};

static uint32_t cell(struct out *o, uint32_t payload)
{
    uint32_t at = o->len, size = (payload + 4 + 7) & ~7u;
    o->p = xrealloc_array(o->p, 1, at + size);
    memset(o->p + at, 0, size);
    put32(o->p + at, -size);
    o->len += size;
    return at;
}

static unsigned char *payload(struct out *o, uint32_t off)
{
    return o->p + off + 4;
}

static uint32_t put_value(struct out *o, const struct value *v)
{
    uint32_t name = (uint32_t)strlen(v->name), data = 0;
    if (v->len > 4) {
        data = cell(o, (uint32_t)v->len);
        memcpy(payload(o, data), v->data, v->len);
    } else {
        memcpy(&data, v->data, v->len);
    }
    uint32_t at = cell(o, 20 + name);
    unsigned char *p = payload(o, at);
    memcpy(p, "vk", 2);
    put16(p + 2, name);
    put32(p + 4, (uint32_t)v->len | (v->len > 4 ? 0 : 0x80000000u));
    if (v->len > 4)
        put32(p + 8, data);
    else
        memcpy(p + 8, &data, 4);
    put32(p + 12, v->type);
    put16(p + 16, name ? 1 : 0);
    memcpy(p + 20, v->name, name);
    return at;
}

static uint32_t put_values(struct out *o, const struct tiny *t, uint32_t *n)
{
    uint32_t offs[64], count = 0;
    for (const struct value *v = t->values; v; v = v->next)
        offs[count++] = put_value(o, v);
    *n = count;
    if (count == 0)
        return NONE;
    uint32_t at = cell(o, count * 4);
    for (uint32_t i = 0; i < count; i++)
        put32(payload(o, at) + 4 * i, offs[i]);
    return at;
}

static uint32_t put_key(struct out *o, const struct tiny *t, uint32_t parent);

static uint32_t put_children(struct out *o, const struct tiny *t, uint32_t self, uint32_t *n)
{
    uint32_t offs[64], count = 0;
    const char *names[64];
    for (const struct tiny *c = t->children; c; c = c->next) {
        names[count] = c->name;
        offs[count++] = put_key(o, c, self);
    }
    *n = count;
    if (count == 0)
        return NONE;
    uint32_t at = cell(o, 4 + count * 8);
    unsigned char *p = payload(o, at);
    memcpy(p, "lf", 2);
    put16(p + 2, count);
    for (uint32_t i = 0; i < count; i++) {
        put32(p + 4 + 8 * i, offs[i]);
        memcpy(p + 8 + 8 * i, names[i], strnlen(names[i], 4));
    }
    return at;
}

static uint32_t put_key(struct out *o, const struct tiny *t, uint32_t parent)
{
    uint32_t name = (uint32_t)strlen(t->name), values, n_values, list, n_list;
    uint32_t at = cell(o, 76 + name);
    if (o->sk == NONE) {
        o->sk = cell(o, 20 + 20);
        unsigned char *s = payload(o, o->sk);
        memcpy(s, "sk", 2);
        put32(s + 4, o->sk);
        put32(s + 8, o->sk);
        put32(s + 12, 1);
        put32(s + 16, 20);
        s[20] = 1; /* an empty self-relative descriptor */
        s[23] = 0x80;
    }
    values = put_values(o, t, &n_values);
    list = put_children(o, t, at, &n_list);
    unsigned char *p = payload(o, at);
    memcpy(p, "nk", 2);
    put16(p + 2, parent == NONE ? 0x2c : 0x20);
    put32(p + 16, parent == NONE ? at : parent);
    put32(p + 20, n_list);
    put32(p + 28, list);
    put32(p + 32, NONE);
    put32(p + 36, n_values);
    put32(p + 40, values);
    put32(p + 44, o->sk);
    put32(p + 48, NONE);
    put16(p + 72, name);
    memcpy(p + 76, t->name, name);
    return at;
}

void tiny_seal(unsigned char *base)
{
    uint32_t sum = 0;
    for (int i = 0; i < 508; i += 4)
        sum ^= get32(base + i);
    put32(base + 508, sum == 0 ? 1 : sum == NONE ? NONE - 1 : sum);
}

void tiny_build(const struct tiny *t, struct buf *ret)
{
    struct out o = {.sk = NONE};
    o.p = xcalloc(1, 32);
    o.len = 32;
    uint32_t root = put_key(&o, t, NONE);
    uint32_t size = (o.len + 8 + PAGE - 1) & ~(PAGE - 1);
    o.p = xrealloc_array(o.p, 1, size);
    memset(o.p + o.len, 0, size - o.len);
    put32(o.p + o.len, size - o.len); /* the rest is one free cell */
    memcpy(o.p, "hbin", 4);
    put32(o.p + 8, size);
    unsigned char base[PAGE] = "regf";
    put32(base + 4, SEQ);
    put32(base + 8, SEQ);
    put32(base + 20, 1);
    put32(base + 24, 5);
    put32(base + 32, 1);
    put32(base + 36, root);
    put32(base + 40, size);
    put32(base + 44, 1);
    tiny_seal(base);
    *ret = BUF_INIT(PAGE + size);
    buf_put(ret, base, PAGE);
    buf_put(ret, o.p, size);
    free(o.p);
}

/* ---- what the tests of images want ------------------------------------------------------------
 */

struct tiny *tiny_system(void)
{
    struct tiny *t = tiny_new();
    tiny_u32(t, "Select", "Current", 1);
    tiny_u32(t, "Select", "Default", 1);
    tiny_u32(t, "Select", "Failed", 0);
    tiny_u32(t, "Select", "LastKnownGood", 1);
    tiny_text(t, "Setup", "CmdLine", "");
    tiny_u32(t, "Setup", "OOBEInProgress", 0);
    tiny_text(t, "Setup", "OsLoaderPath", "\\");
    tiny_u32(t, "Setup", "SetupType", 0);
    tiny_u32(t, "Setup", "SystemSetupInProgress", 0);
    tiny_data(t, "Setup", "CloneTag", 7, "S\0a\0t\0\0\0\0", 10);
    tiny_key(t, "Setup\\DJOIN");
    tiny_text(t, "Setup\\Service Reporting API\\Components\\CoreOS", "Version", "10.0.19041.1");
    tiny_text(t, "ControlSet001\\Control\\ProductOptions", "ProductType", "WinNT");
    tiny_text(t, "ControlSet001\\Control\\Session Manager\\Environment", "PROCESSOR_ARCHITECTURE",
              "AMD64");
    tiny_text(t, "ControlSet001\\Control\\ComputerName\\ComputerName", "ComputerName",
              "DESKTOP-TINY");
    tiny_u32(t, "ControlSet001\\Services\\Netlogon", "Start", 3);
    tiny_text(t, "ControlSet001\\Services\\Tcpip\\Parameters", "NV Hostname", "DESKTOP-TINY");
    return t;
}

struct tiny *tiny_software(const char *image_state)
{
    static const char cv[] = "Microsoft\\Windows NT\\CurrentVersion";
    struct tiny *t = tiny_new();
    tiny_u32(t, cv, "CurrentMajorVersionNumber", 10);
    tiny_u32(t, cv, "CurrentMinorVersionNumber", 0);
    tiny_u32(t, cv, "UBR", 1);
    tiny_text(t, cv, "CurrentVersion", "6.3");
    tiny_text(t, cv, "CurrentBuildNumber", "19041");
    tiny_text(t, cv, "EditionID", "Professional");
    tiny_text(t, cv, "InstallationType", "Client");
    tiny_text(t, cv, "ProductName", "Windows 10 Pro");
    tiny_text(t, "Microsoft\\Windows\\CurrentVersion\\Setup\\State", "ImageState", image_state);
    return t;
}

struct tiny *tiny_security(void)
{
    struct tiny *t = tiny_new();
    tiny_data(t, "Policy\\PolPrDmS", "", 0, "", 0);
    tiny_key(t, "Policy\\Secrets\\DPAPI_SYSTEM");
    return t;
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static const unsigned char *at(const unsigned char *hive, size_t len, uint32_t off)
{
    if ((size_t)off + PAGE + 8 > len)
        abort();
    return hive + PAGE + off + 4;
}

static void dump_value(const unsigned char *hive, size_t len, uint32_t off, const char *path,
                       struct buf *b)
{
    const unsigned char *p = at(hive, len, off);
    uint32_t n = get32(p + 4);
    const unsigned char *data = n & 0x80000000u ? p + 8 : at(hive, len, get32(p + 8));
    n &= 0x7fffffffu;
    buf_printf(b, "%s : %.*s type %u len %u", path, (int)get16(p + 2), (const char *)p + 20,
               get32(p + 12), n);
    /* The pieces of a large value are named by their list alone. */
    for (uint32_t i = 0; i < (n > 16344 ? 8 : n); i++)
        buf_printf(b, " %02x", data[i]);
    buf_byte(b, '\n');
}

static void dump_key(const unsigned char *hive, size_t len, uint32_t off, const char *above,
                     struct buf *b);

static void dump_list(const unsigned char *hive, size_t len, uint32_t off, const char *path,
                      struct buf *b)
{
    const unsigned char *p = at(hive, len, off);
    bool ri = memcmp(p, "ri", 2) == 0, narrow = ri || memcmp(p, "li", 2) == 0;
    for (unsigned i = 0; i < get16(p + 2); i++) {
        uint32_t child = get32(p + 4 + (size_t)i * (narrow ? 4 : 8));
        if (ri)
            dump_list(hive, len, child, path, b);
        else
            dump_key(hive, len, child, path, b);
    }
}

static void dump_key(const unsigned char *hive, size_t len, uint32_t off, const char *above,
                     struct buf *b)
{
    const unsigned char *p = at(hive, len, off);
    AUTOFREE char *path = xasprintf("%s\\%.*s", above, (int)get16(p + 72), (const char *)p + 76);
    buf_printf(b, "%s flags %x time %x%08x sk %x class %u\n", path, get16(p + 2), get32(p + 8),
               get32(p + 4), get32(p + 44), get16(p + 74));
    for (uint32_t i = 0; i < get32(p + 36); i++)
        dump_value(hive, len, get32(at(hive, len, get32(p + 40)) + 4 * (size_t)i), path, b);
    if (get32(p + 20) > 0)
        dump_list(hive, len, get32(p + 28), path, b);
}

char *tiny_dump(const void *hive, size_t len)
{
    struct buf b = BUF_INIT(256u << 20);
    const unsigned char *p = hive;
    if (len < 2 * PAGE)
        abort();
    dump_key(p, len, get32(p + 36), "", &b);
    return buf_steal(&b);
}
