/*
 * Computer, host and domain names: what is allowed, and how one follows from another.
 * [MS-WKST] 3.2.4.16 and NetValidateName; RFC 1123 2.1; [MS-ADTS] 3.1.1.5.1.2 for account names.
 */
#ifndef JOINERY_MODEL_NAMES_H
#define JOINERY_MODEL_NAMES_H

#include "engine/base/err.h"
#include "engine/model/settings.h"

#define NAME_NETBIOS_MAX 15
#define NAME_LABEL_MAX   63
#define NAME_DNS_MAX     253

/* 0, or -1 with COMPUTER_NAME_BAD, NAME_TOO_LONG, NAME_ALL_DIGITS, NAME_LOCALHOST, NAME_NOT_ASCII
 * and FACT_NAME. */
int name_check_computer(const char *name,
                        struct err *e) MUST_USE; /* a host label; at most 63 characters */
int name_check_dns(const char *name, struct err *e) MUST_USE; /* a full host name */
/* A DNS or NetBIOS domain name, optionally DOMAIN\CONTROLLER. */
int name_check_domain(const char *name, struct err *e) MUST_USE;

/* The names of this join. NetBIOS = first label, upper case, first 15 characters. */
struct machine_names {
    char netbios[NAME_NETBIOS_MAX + 1]; /* KIOSK-07 */
    char label[NAME_LABEL_MAX + 1];     /* kiosk-07: the host label, lower case, not truncated */
    char fqdn[NAME_DNS_MAX + 1];        /* kiosk-07.corp.example.com, lower case */
    char account[NAME_NETBIOS_MAX + 2]; /* KIOSK-07$ */
    bool truncated;                     /* the label is longer than the NetBIOS name */
};
/* `host` is the machine's present name, used when no name was answered; `dns_domain` follows when
 * no fqdn was. */
int names_resolve(const struct settings *s, const char *host, const char *dns_domain,
                  struct machine_names *ret, struct err *e) MUST_USE;

/* Puts the machine's own {serial}, {mac} and {product} into a name; other signs in them become
 * hyphens. value() gives the text for a word, malloc'ed, or NULL. NULL with COMPUTER_NAME_BAD when
 * a word is not known, or what it stands for is not (or only the firmware's placeholder for it).
 * The result is checked by name_check_computer(). malloc'ed. */
typedef char *name_value_fn(void *arg, const char *word);
char *name_expand(const char *text, name_value_fn *value, void *arg, struct err *e);

/* What firmware says when nobody has filled it in: "To Be Filled By O.E.M.", "None", "00000000",
 * "123456789", less than two letters or digits. */
bool name_is_placeholder(const char *value);

/* The name cut so that a hyphen and a suffix fit into 15 characters. The suffix follows from id
 * (NAME_SUFFIX_LEN bytes of a hash of what tells this machine apart), so that the same machine gets
 * the same name again. malloc'ed. */
#define NAME_SUFFIX_LEN 5
char *name_with_suffix(const char *name, const unsigned char *id);

/* Splits DOMAIN\CONTROLLER; controller is "" when there is none. Both malloc'ed. */
void name_split_domain(const char *text, char **domain, char **controller);

/* The account as Kerberos takes it: CORP\user and a bare name become user@REALM;
 * user@corp.example.com with the domain's own name gets the realm; another suffix stays an
 * enterprise name. NULL when the text is no account (empty parts, blanks, control characters) or
 * another NetBIOS domain is named. malloc'ed. */
char *name_principal(const char *account, const char *realm, const char *netbios);

#endif
