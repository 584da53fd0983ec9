#include "engine/wire/secdesc.h"

#include <string.h>

#define SE_DACL_PRESENT  0x0004
#define SE_SELF_RELATIVE 0x8000

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t le16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

/* A SID somewhere in data: its length follows from its own header. */
static int sid_at(struct sid *s, const unsigned char *data, size_t len, size_t off)
{
    if (off > len || len - off < 8 || data[off + 1] > SID_SUBS_MAX)
        return -1;
    size_t need = 8 + 4 * (size_t)data[off + 1];
    return need <= len - off ? sid_from_bytes(s, data + off, need) : -1;
}

static int parse_dacl(struct secdesc *sd, const unsigned char *p, size_t len, size_t off)
{
    if (off < 20 || off > len || len - off < 8)
        return -1;
    size_t size = le16(p + off + 2);
    if (size < 8 || size > len - off)
        return -1;
    sd->n_aces = le16(p + off + 4);
    sd->dacl = p + off + 8;
    sd->dacl_len = size - 8;
    return 0;
}

int secdesc_parse(struct secdesc *sd, const void *data, size_t len)
{
    const unsigned char *p = data;
    *sd = (struct secdesc){0};
    if (len < 20 || p[0] != 1)
        return -1;
    sd->control = le16(p + 2);
    uint32_t owner = le32(p + 4), group = le32(p + 8), dacl = le32(p + 16);
    if (!(sd->control & SE_SELF_RELATIVE))
        return -1;
    if (owner && (owner < 20 || sid_at(&sd->owner, p, len, owner) < 0))
        return -1;
    if (group && (group < 20 || sid_at(&sd->group, p, len, group) < 0))
        return -1;
    if ((sd->control & SE_DACL_PRESENT) && dacl && parse_dacl(sd, p, len, dacl) < 0)
        return -1;
    return 0;
}

static int parse_object_ace(struct ace *a, const unsigned char *p, size_t size)
{
    size_t off = 12;
    if (size < off)
        return -1;
    uint32_t which = le32(p + 8);
    a->has_object = which & 1;
    a->has_inherited = which & 2;
    if (a->has_object) {
        if (size - off < GUID_BYTES)
            return -1;
        memcpy(a->object, p + off, GUID_BYTES);
        off += GUID_BYTES;
    }
    if (a->has_inherited) {
        if (size - off < GUID_BYTES)
            return -1;
        memcpy(a->inherited, p + off, GUID_BYTES);
        off += GUID_BYTES;
    }
    return sid_at(&a->trustee, p, size, off);
}

int secdesc_next_ace(const struct secdesc *sd, size_t *pos, struct ace *out)
{
    *out = (struct ace){0};
    if (!sd->dacl || *pos >= sd->dacl_len)
        return 0;
    const unsigned char *p = sd->dacl + *pos;
    size_t left = sd->dacl_len - *pos;
    if (left < 8)
        return -1;
    size_t size = le16(p + 2);
    if (size < 8 || size > left)
        return -1;
    *pos += size;
    out->type = p[0];
    out->flags = p[1];
    out->mask = le32(p + 4);
    if (out->type == ACE_ALLOWED || out->type == ACE_DENIED)
        return sid_at(&out->trustee, p, size, 8) < 0 ? -1 : 1;
    if (out->type == ACE_ALLOWED_OBJECT || out->type == ACE_DENIED_OBJECT)
        return parse_object_ace(out, p, size) < 0 ? -1 : 1;
    return 1;
}
