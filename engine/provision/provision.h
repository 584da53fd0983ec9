/*
 * Provisioning a machine that is elsewhere: its account is made here, and what it needs to be a
 * member goes into a file. Through ports 53, 88 and 389 only; nothing of this system is changed but
 * the output file, so neither root nor a journal is needed. NetProvisionComputerAccount,
 * NetCreateProvisioningPackage. The pieces are also those of a list of machines. Private to
 * engine/provision.
 */
#ifndef JOINERY_FLOW_PROVISION_H
#define JOINERY_FLOW_PROVISION_H

#include "engine/flow/session.h"
#include "engine/host/newfile.h"
#include "engine/offline/offline.h"
#include "engine/wire/odj.h"

#define PROVISION_ETYPES                                                                           \
    24 /* AES128 and AES256: msDS-SupportedEncryptionTypes, [MS-KILE] 2.2.7                        \
        */
#define PROVISION_OPTIONS 0x3fu /* of the flags, those that the data's Options field keeps */

/* The domain's part of the data, the same for each machine. Borrowed from the session: valid until
 * its domain or its facts are dropped. Needs locate_domain(), log_in() and account facts. */
struct provision_domain {
    const char *dns, *netbios, *forest;
    const unsigned char *guid; /* objectGUID of the domain's root object */
    struct sid sid;
    const char *dc_host, *dc_address, *dc_site, *client_site; /* client_site "" = none */
    uint32_t dc_flags;                                        /* DS_* */
};
void provision_domain_of(struct session *s, struct provision_domain *ret);

/* What the directory and local files add to the data, the same for each machine. */
struct provision_parts {
    struct odj_certificates *certificates; /* NULL = none */
    struct odj_policies *policies;
};
/* Of the settings: certificate templates, root certificates, policies. Needs log_in(). */
int provision_parts_load(struct session *s, struct provision_parts *ret, struct err *e) MUST_USE;
void provision_parts_free(struct provision_parts *p);
/* A machine's own certificate cannot be had over LDAP: told when templates are named. */
bool provision_certificate_later(const struct settings *s, struct err *notice);

struct provision_machine {
    const char *name; /* short name, as given */
    const struct secret *password;
    const struct account_id *id; /* NULL: not known, parts 3 and 4 are left out */
};
/* binary: a BUF_SECRET. Pure, but for `parts`, which are lent to the encoder and given back. */
int provision_package(const struct settings *s, const struct provision_domain *d,
                      struct provision_parts *parts, const struct provision_machine *m,
                      struct buf *binary, struct err *e) MUST_USE;

/* 120 characters of printable ASCII, or with USE_DEFAULT_PASSWORD the name in lower case. */
int provision_password(const struct settings *s, const char *netbios, struct secret *ret,
                       struct err *e) MUST_USE;
/* account_policy_of() for this operation. */
void provision_policy_of(const struct settings *s, struct account_policy *p);

/* After locate_domain(): is the controller fit for it? 2721 and the like. After the root object was
 * read: is it new enough? 2720, and 50 for an organizational unit that it does not know. */
int provision_check_controller(struct session *s, struct err *e) MUST_USE;
int provision_check_version(struct session *s, struct err *e) MUST_USE;
/* Steps 2 to 7; a named controller that is none of the domain's writable ones is 1354. */
int provision_connect(struct session *s, struct err *e) MUST_USE;

/* Of a refused add: whose quota, how large, and how much of it is used. One round trip. */
void provision_explain_quota(struct session *s, struct err *e);

/* The form in which the data is saved, and for whom. */
struct provision_form {
    enum offline_format format;
    struct cms_target target;
    struct buf *certificates; /* of the recipients; owned */
    size_t n;
};
int provision_form_load(struct session *s, struct provision_form *ret, struct err *e) MUST_USE;
void provision_form_free(struct provision_form *f);
/* out: a BUF_SECRET. */
int provision_form_apply(const struct provision_form *f, const struct buf *binary, struct buf *out,
                         struct err *e) MUST_USE;

/* provision_plan.c: of JOB_PLAN and --check, what the output will be and what it is worth. Needs
 * log_in(). */
void provision_plan_output(struct session *s);

/* A file named in the settings, from the running system; relative to the working directory. */
int provision_read(struct session *s, const char *path, struct buf *ret, struct err *e) MUST_USE;
/* "/a/b" of "b". malloc'ed. */
char *provision_path(const char *path);

/* Where the output goes: opened before the directory is touched, given its name at the very end. */
int provision_output_open(const char *path, bool overwrite, struct newfile *ret,
                          struct err *e) MUST_USE;
int provision_output_save(struct newfile *f, const struct buf *data, struct err *e) MUST_USE;

#endif
