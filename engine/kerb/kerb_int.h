/* Shared inside engine/kerb: the only header that shows libkrb5's types. */
#ifndef JOINERY_KERB_INT_H
#define JOINERY_KERB_INT_H

#include <krb5.h>

#include "engine/kerb/kerb.h"
#include "engine/kerb/kerb_cause.h"
#include "engine/kerb/kerb_conn.h"

struct kerb {
    krb5_context ctx;
    char *realm;
    struct conn conn;
    bool has_offset;
    long offset; /* KDC's clock minus ours */
};

struct kerb_cred {
    struct kerb *k;
    krb5_ccache cc; /* MEMORY */
    char *name;     /* client principal */
    int64_t end;
};

/* libkrb5's own failure: raw text from it, `cause` unless the code has a better one. Returns -1. */
int kerb_fail(krb5_context ctx, krb5_error_code ret, enum cause cause, struct err *e);

/* "user", "user@REALM", "host/fqdn" in the realm of k; "joiner@suffix" as an enterprise name. */
int kerb_principal(struct kerb *k, const char *name, krb5_principal *out, struct err *e) MUST_USE;
/* "ldap/host" in `realm`; "" is the referral realm of unqualified names. */
krb5_error_code kerb_service_principal(krb5_context ctx, const char *spn, const char *realm,
                                       krb5_principal *out);

/* When the answer is a KRB-ERROR: reads it, notes the KDC's time, returns true. hint may be NULL.
 */
bool kerb_read_error(struct kerb *k, const struct buf *reply, struct kdc_error *ke,
                     struct kerb_hint *hint);

/* A new credential with a memory cache holding `tgt`. */
int kerb_cred_new(struct kerb *k, krb5_creds *tgt, struct kerb_cred **out, struct err *e) MUST_USE;

/* The keytab bytes as a MEMORY keytab, to be closed. */
int kerb_keytab_open(krb5_context ctx, const void *data, size_t len, krb5_keytab *out,
                     struct err *e) MUST_USE;

typedef krb5_error_code kerb_entry_fn(krb5_context ctx, krb5_keytab_entry *entry, void *arg);
/* Calls fn for each entry until it returns an error. */
int kerb_keytab_each(krb5_context ctx, krb5_keytab kt, kerb_entry_fn *fn, void *arg,
                     struct err *e) MUST_USE;

/* The keys of one principal ("NAME$@REALM", case not looked at) at its highest kvno. */
#define KERB_KEYS_MAX 8
struct kerb_keys {
    krb5_keyblock key[KERB_KEYS_MAX];
    size_t n;
    krb5_kvno kvno;
};
int kerb_keys_of(krb5_context ctx, krb5_keytab kt, const char *principal, struct kerb_keys *out,
                 struct err *e) MUST_USE;
void kerb_keys_free(krb5_context ctx, struct kerb_keys *k); /* wiped */

/* A keytab as a memory file, which libkrb5 reads and writes by its /proc name; wiped on close. */
struct kerb_mem {
    int fd; /* -1: none */
    krb5_keytab kt;
};
/* data NULL: a new, empty one. */
int kerb_mem_open(krb5_context ctx, const void *data, size_t len, struct kerb_mem *m,
                  struct err *e) MUST_USE;
/* Its bytes; on failure `out` is emptied. */
int kerb_mem_read(struct kerb_mem *m, struct buf *out, struct err *e) MUST_USE;
void kerb_mem_close(krb5_context ctx, struct kerb_mem *m);
/* Is it one of spec's names in spec's realm? AD does not tell "HOST/x" from "host/x", so neither
 * does this. */
bool kerb_entry_is(krb5_context ctx, krb5_const_principal p, const struct kerb_keytab_spec *spec);
/* Keytabs need no configuration; a context of their own keeps them usable without a KDC. */
int kerb_keytab_context(krb5_context *ctx, struct err *e) MUST_USE;

/* Environment and configuration as they were before kerb_setup_process(). */
const char *kerb_caller_config(void);

#endif
