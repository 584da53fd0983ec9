/*
 * Distinguished names as text: RFC 4514, and on input also RFC 1779 / RFC 2253 (quoted values,
 * semicolons, spaces around separators, "OID." prefixes), because that is what people paste. Output
 * is always RFC 4514 UTF-8. Hostile-safe: DN_MAX bytes, DN_DEPTH_MAX components, strict UTF-8, no
 * NUL.
 */
#ifndef JOINERY_WIRE_DN_H
#define JOINERY_WIRE_DN_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/macro.h"

#define DN_MAX       4096
#define DN_DEPTH_MAX 64

/* One attribute and value; `next` is the rest of a multi-valued RDN ("CN=a+OU=b"). */
struct dn_ava {
    char *type;  /* as given, "2.5.4.3" for "OID.2.5.4.3" */
    char *value; /* unescaped UTF-8 */
    struct dn_ava *next;
};

struct dn {
    struct dn_ava *rdn[DN_DEPTH_MAX]; /* leaf first */
    size_t n;
};

/* 0; -1 when text is no DN (*bad, when not NULL, is the offset of the first byte that could not be
 * read). An empty text is the empty DN. Free with dn_free. */
int dn_parse(struct dn *d, const char *text, size_t *bad) MUST_USE;
void dn_free(struct dn *d);
/* RFC 4514 text of the components from index `from` on; malloc'ed. */
char *dn_format(const struct dn *d, size_t from);

/* The functions below take text; malformed text gives NULL or false. Results are malloc'ed. */
char *dn_normalise(const char *text);  /* parse and format: "ou = A ; dc=b" -> "ou=A,dc=b" */
char *dn_parent(const char *text);     /* "" for a single component */
char *dn_leaf_value(const char *text); /* first value, unescaped, for display */
char *dn_child(const char *type, const char *value, const char *parent); /* escapes value */
char *dn_escape_value(const char *value); /* RFC 4514 2.4, "=" too: Samba wants it */
/* Types and values are compared without regard to case (ASCII, Latin, Greek, Cyrillic letters) and
 * outer spaces. */
bool dn_equal(const char *a, const char *b);
bool dn_is_under(const char *child, const char *ancestor); /* equal counts as under */
size_t dn_depth(const char *text); /* number of components, 0 when malformed */

/* "DC=corp,DC=example,DC=com" <-> "corp.example.com". */
char *dn_from_dns(const char *domain); /* NULL for an empty name or empty labels */
char *dn_to_dns(const char *text);     /* the trailing DC= components; NULL when there are none */

/* Case folding of the letters named above, in place, for comparing what people type. UTF-8 length
 * is unchanged. */
void utf8_fold(char *s);
bool utf8_valid(const char *s, size_t len); /* RFC 3629: no surrogates, no overlong forms, no NUL */
/* Number of single-character edits between two texts (bytes, case folded), at most `limit`+1. */
unsigned edit_distance(const char *a, const char *b, unsigned limit);

#endif
