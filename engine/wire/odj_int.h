/*
 * How the structures of provisioning data lie on the wire and in memory: one description that the
 * reader, the writer and the cleaning up share, so that they cannot disagree. Private to odj*.c.
 *
 * NDR20, little endian ([C706] 14): a structure's fixed part first, in which pointers are referents
 * of four bytes (0 = null); what they point to follows in field order, each whole before the next.
 * Everything here is aligned to four bytes from the start of the object's body.
 */
#ifndef JOINERY_WIRE_ODJ_INT_H
#define JOINERY_WIRE_ODJ_INT_H

#include "engine/wire/odj.h"

enum odj_field_kind {
    ODJ_F_U32,
    ODJ_F_VERSION,   /* u32 that must be 1; not kept */
    ODJ_F_GUID,      /* unsigned char[GUID_BYTES] */
    ODJ_F_NULL_GUID, /* must be zero; not kept */
    ODJ_F_TEXT,      /* [string] wchar_t *: char * */
    ODJ_F_SECRET,    /* the same: struct secret */
    ODJ_F_UNICODE,   /* ODJ_UNICODE_STRING: char * */
    ODJ_F_SID,       /* pointer to a SID: struct sid */
    ODJ_F_BYTES,     /* count and pointer: struct odj_bytes */
    ODJ_F_ARRAY,     /* count and pointer: T *, size_t */
    ODJ_F_OBJECT,    /* bytes that are a serialized object themselves: the struct; or odj_bytes */
};

struct odj_struct;
struct odj_field {
    const char *name; /* as published */
    enum odj_field_kind kind;
    size_t at;                   /* offset in the memory structure */
    size_t count_at;             /* ARRAY: of its size_t */
    const struct odj_struct *of; /* ARRAY: of an element; OBJECT: NULL = see choose */
    /* OBJECT: what the bytes are, by the fields of the structure that holds them, whose fixed part
     * is known already; NULL = bytes that are only kept. */
    const struct odj_struct *(*choose)(void *holder);
};
struct odj_struct {
    const char *name;
    size_t size; /* in memory */
    const struct odj_field *fields;
    size_t n;
    size_t most; /* elements in an array of it, 0 = as many as the input holds */
};

extern const struct odj_struct odj_root;
enum odj_kind odj_kind_of(const unsigned char guid[GUID_BYTES]);

#define ODJ_HEADER         16 /* of a serialized object */
#define ODJ_FIRST_REFERENT 0x00020000u

/* Bytes of a field or structure in the fixed part. */
size_t odj_field_wire(enum odj_field_kind k);
size_t odj_struct_wire(const struct odj_struct *s);
void odj_struct_free(const struct odj_struct *s, void *base);

/* Where the work is, for messages: a chain from the innermost place outwards. */
struct odj_place {
    const struct odj_place *up;
    const char *name;
    long index; /* -1 = none */
};
void odj_place_text(const struct odj_place *p, struct buf *out);

/* UTF-16LE to UTF-8, at most 3 bytes a unit. out has room for 3 * units; returns the bytes
 * written. False in *ok: a NUL unit. */
size_t odj_utf8(const unsigned char *le, size_t units, char *out, bool *ok);
/* The way back, appended. False: not UTF-8 (surrogates in three bytes are taken). */
bool odj_utf16(const char *text, size_t len, struct buf *out);
/* Units that odj_utf16() will write; false as above. */
bool odj_utf16_units(const char *text, size_t len, size_t *units);

#endif
