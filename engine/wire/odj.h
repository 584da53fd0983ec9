/*
 * Provisioning data of an offline domain join: the binary form, read and written without loss.
 *
 *   ODJ_PROVISION_DATA              version 1, blobs
 *     format 1: ODJ_WIN7BLOB          struct odj_join
 *     format 2: OP_PACKAGE            struct odj_package, its parts: JOIN_PROVIDER to
 *                                     JOIN_PROVIDER4, certificates, policies, unknown ones
 *
 * Every object is NDR type serialization version 1 ([C706] 14, [MS-RPCE] 2.2.6) of a pointer;
 * structures as published for odj-* (Network Management). Pure functions. Texts are UTF-8,
 * malloc'ed, and NULL where the pointer was null; an unpaired surrogate is kept in the three bytes
 * that UTF-8 would give it, so that nothing is lost: whoever uses a text checks utf8_valid().
 * Errors: BAD_OFFLINE_DATA (2710) for a broken structure, OFFLINE_DATA_VERSION (2719) for a
 * version, format or essential part that is not known; FACT_PLACE names the field and its offset.
 */
#ifndef JOINERY_WIRE_ODJ_H
#define JOINERY_WIRE_ODJ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/secret.h"
#include "engine/base/strv.h"
#include "engine/wire/sid.h"

#define ODJ_MAX (16u << 20) /* longest provisioning data accepted, in bytes */

/* Bytes that are only carried. Wiped when freed: they may hold keys. */
struct odj_bytes {
    unsigned char *data; /* NULL when len is 0 */
    size_t len;
};

#define ODJ_FORMAT_WIN7 1
#define ODJ_FORMAT_WIN8 2

/* ODJ_WIN7BLOB. */
struct odj_join {
    char *domain;           /* lpDomain: as given to the provisioning call */
    char *machine;          /* without '$' */
    struct secret password; /* UTF-8; not set: the pointer was null */
    char *netbios_domain;   /* DnsDomainInfo.Name */
    char *dns_domain, *dns_forest;
    unsigned char domain_guid[GUID_BYTES];
    struct sid domain_sid;      /* of the domain, not of the machine; unset: null */
    char *dc_name, *dc_address; /* with their leading backslashes */
    uint32_t dc_address_type;   /* 1 = IP, 2 = NetBIOS */
    unsigned char dc_domain_guid[GUID_BYTES];
    char *dc_domain, *dc_forest;
    uint32_t dc_flags; /* DS_*_FLAG */
    char *dc_site, *client_site;
    uint32_t options; /* NETSETUP_PROVISION_* of the provisioning call; consumers ignore it */
};

/* OP_JOINPROV2_PART */
#define ODJ_PERSISTENT_SITE 1u
struct odj_names {
    uint32_t flags; /* ODJ_PERSISTENT_SITE */
    char *netbios_name, *site, *primary_dns_domain;
    uint32_t reserved;
    char *reserved_text;
};

/* OP_JOINPROV3_PART, OP_JOINPROV4_PART: the machine's account. */
struct odj_account {
    uint32_t rid;
    char *sid;                      /* text */
    unsigned char guid[GUID_BYTES]; /* part 4 only */
};

/* OP_POLICY_PART */
struct odj_policy_element {
    char *key, *value;
    uint32_t type; /* REG_* */
    struct odj_bytes data;
};
struct odj_policy_list {
    char *source;      /* path of the .pol file */
    uint32_t root_key; /* 0x80000002 */
    struct odj_policy_element *elements;
    size_t n;
};
struct odj_policies {
    struct odj_policy_list *lists;
    size_t n;
    struct odj_bytes extension;
};

/* OP_CERT_PART */
struct odj_pfx {
    char *template_name;
    uint32_t export_policy;
    char *server_url;
    uint32_t server_flags;
    char *server_id;
    struct odj_bytes pfx;
};
struct odj_store {
    uint32_t location; /* CERT_SYSTEM_STORE_*, 0x20000 = local machine */
    char *name;        /* "Root", "CA" */
    struct odj_bytes sst;
};
struct odj_certificates {
    struct odj_pfx *pfx;
    size_t n_pfx;
    struct odj_store *stores;
    size_t n_stores;
    struct odj_bytes extension;
};

enum odj_kind {
    ODJ_JOIN,         /* JOIN_PROVIDER */
    ODJ_NAMES,        /* JOIN_PROVIDER2 */
    ODJ_ACCOUNT,      /* JOIN_PROVIDER3 */
    ODJ_ACCOUNT_GUID, /* JOIN_PROVIDER4 */
    ODJ_CERTIFICATES, /* CERT_PROVIDER */
    ODJ_POLICIES,     /* POLICY_PROVIDER */
    ODJ_UNKNOWN
};

#define ODJ_ESSENTIAL 1u /* OPSPI_PACKAGE_PART_ESSENTIAL */

struct odj_part {
    enum odj_kind kind;
    unsigned char type[GUID_BYTES];
    uint32_t flags;
    struct odj_bytes extension;
    union {
        struct odj_join join;
        struct odj_names names;
        struct odj_account account;
        struct odj_certificates certificates;
        struct odj_policies policies;
        struct odj_bytes unknown;
    } u;
};

/* OP_PACKAGE with its OP_PACKAGE_PART_COLLECTION. */
struct odj_package {
    struct odj_part *parts;
    size_t n;
    uint32_t decrypted_size;             /* cbDecryptedPartCollection */
    struct odj_bytes context, extension; /* of the package */
    struct odj_bytes parts_extension;    /* of the collection */
};

struct odj_blob {
    uint32_t format; /* ODJ_FORMAT_WIN7: join; ODJ_FORMAT_WIN8: package; else bytes */
    union {
        struct odj_join join;
        struct odj_package package;
        struct odj_bytes bytes;
    } u;
};

struct odj {
    struct odj_blob *blobs;
    size_t n;
};

/* data[0..len) must be one whole object; only zero bytes may follow it. *ret is emptied on failure.
 * An unknown part is kept; whether it stops the use is odj_check()'s to say. */
int odj_read(const void *data, size_t len, struct odj *ret, struct err *e) MUST_USE;
/* out is a BUF_SECRET. Writes what is there; canonical referents and zero padding. */
int odj_write(const struct odj *o, struct buf *out, struct err *e) MUST_USE;
void odj_free(struct odj *o); /* wipes; an empty one is fine */

/* What a consumer goes by: of the package when there is one, else of the Windows 7 blob. NULL when
 * it is not there. */
const struct odj_join *odj_join(const struct odj *o);
const struct odj_part *odj_part(const struct odj *o, enum odj_kind kind); /* of the package */
/* Can it be used? An essential part that is not known or a missing format is 2719; no (or no valid)
 * domain, machine name or password is 87. Unknown parts that are passed over are appended to
 * `skipped` as GUID texts (may be NULL). */
int odj_check(const struct odj *o, struct strv *skipped, struct err *e) MUST_USE;

/* The machine's name in small letters, its first 14 characters: what anybody would guess. */
bool odj_password_is_default(const struct odj_join *j);

/* UTF-16LE as the registry has it, up to a NUL, as UTF-8 in the way of this header. malloc'ed. */
char *odj_text_from(const unsigned char *le, size_t units);

/* Building: a package takes ownership of what is put in. odj_add_part() sets type and flags by
 * kind (JOIN_PROVIDER is essential). */
struct odj_part *odj_add_part(struct odj_package *p, enum odj_kind kind);
/* The two blobs that Windows writes: format 1, and format 2 with the same join data as its first
 * part. Takes `join`; *package stays owned by *o. */
int odj_start(struct odj *o, struct odj_join *join, struct odj_package **package,
              struct err *e) MUST_USE;
int odj_join_copy(struct odj_join *dst, const struct odj_join *src, struct err *e) MUST_USE;
void odj_join_free(struct odj_join *j);
const char *odj_kind_name(enum odj_kind k);          /* "JOIN_PROVIDER2" */
const unsigned char *odj_kind_guid(enum odj_kind k); /* wire bytes; NULL for ODJ_UNKNOWN */

#endif
