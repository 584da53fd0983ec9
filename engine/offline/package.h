/*
 * The parts of a package beside the join itself: certificates of authorities, and policies. The
 * functions on a part are for lists of machines, which share it; those on a package make the part
 * when it is not there yet.
 */
#ifndef JOINERY_OFFLINE_PACKAGE_H
#define JOINERY_OFFLINE_PACKAGE_H

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/crypto/certs.h"
#include "engine/wire/odj.h"

#define PACKAGE_ROOT_STORE "Root"   /* trusted root authorities */
#define PACKAGE_CA_STORE   "CA"     /* intermediate authorities */
#define PACKAGE_MACHINE    0x20000u /* CERT_SYSTEM_STORE_LOCAL_MACHINE */

/* The self-signed certificates of a PEM bundle, as the store "Root" of the machine.
 * CERTIFICATES_BAD: see certs_read(), or none is self-signed. */
int package_roots(struct odj_certificates *part, const struct buf *pem_bundle,
                  struct err *e) MUST_USE;
/* One store of the machine. An empty list adds nothing. */
int package_store(struct odj_certificates *part, const char *store, const struct certs *list,
                  struct err *e) MUST_USE;
/* A chain in any order: roots into "Root", the others into "CA". */
int package_chain(struct odj_certificates *part, const struct certs *list, struct err *e) MUST_USE;
/* The settings of a Registry.pol. source: where it came from, for the reader of the data. */
int package_policy(struct odj_policies *part, const char *source, const struct buf *pol,
                   struct err *e) MUST_USE;
void package_certificates_free(struct odj_certificates *part);
void package_policies_free(struct odj_policies *part);

int package_add_roots(struct odj_package *p, const struct buf *pem_bundle, struct err *e) MUST_USE;
int package_add_chain(struct odj_package *p, const char *store, const struct certs *list,
                      struct err *e) MUST_USE;
int package_add_policy(struct odj_package *p, const char *source, const struct buf *pol,
                       struct err *e) MUST_USE;

#endif
