/*
 * Our knowledge of the files: text in, text out, no I/O. `before` is the file's text, NULL when
 * there is none. Owners' lines and comments stay as they are; a text that cannot be parsed is an
 * error (CAUSE_FILE_UNPARSABLE with file and line) and nothing is produced. When nothing has to
 * change, the result equals `before`.
 */
#ifndef JOINERY_CONF_CONF_H
#define JOINERY_CONF_CONF_H

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/conf/settings.h"

#define CONF_KRB5         "/etc/krb5.conf"
#define CONF_KRB5_DIR     "/etc/krb5.conf.d"
#define CONF_KRB5_SNIPPET CONF_KRB5_DIR "/joinery.conf"
#define CONF_SSSD         "/etc/sssd/sssd.conf"
#define CONF_NSSWITCH     "/etc/nsswitch.conf"
#define CONF_HOSTNAME     "/etc/hostname"
#define CONF_HOSTS        "/etc/hosts"
#define CONF_SUDOERS      "/etc/sudoers.d/joinery"
#define CONF_SMB          "/etc/samba/smb.conf"
#define CONF_PAM_WINBIND  "/etc/security/pam_winbind.conf"

/* Names that go into files must look like names: a wrong one is refused (CAUSE_CONFIG_VALUE,
 * FACT_VALUE). */
int conf_check_settings(const struct host_settings *s, struct err *e) MUST_USE;

/* krb5.conf ([libdefaults] default_realm, dns_lookup_kdc, dns_lookup_realm, rdns; [domain_realm]).
 */
int conf_krb5(const char *before, const struct host_settings *s, struct buf *ret,
              struct err *e) MUST_USE;
/* True when krb5.conf reads CONF_KRB5_DIR before anything of its own could win over our snippet. */
int conf_krb5_reads_dir(const char *text, bool *ret, struct err *e) MUST_USE;

/* sssd.conf. socket_activated: the distribution starts the responders itself, no "services" line is
 * needed. */
int conf_sssd(const char *before, const struct host_settings *s, bool socket_activated,
              struct buf *ret, struct err *e) MUST_USE;
/* Only the machine's names in it (ad_hostname, ldap_sasl_authid of the domain's section): every
 * other setting stays, whoever made it. Without that section nothing changes. */
int conf_sssd_names(const char *before, const struct host_settings *s, struct buf *ret,
                    struct err *e) MUST_USE;
/* nsswitch.conf: "sss" behind what is there, for the databases Debian's libnss-sss serves; lines
 * that do not exist are not made, except passwd, group and shadow. */
int conf_nsswitch(const char *before, struct buf *ret, struct err *e) MUST_USE;
/* The same with "winbind", for passwd and group, which is all that it serves. */
int conf_nsswitch_winbind(const char *before, struct buf *ret, struct err *e) MUST_USE;
int conf_hostname(const char *before, const struct host_settings *s, struct buf *ret,
                  struct err *e) MUST_USE;
/* The machine's own full name, as Debian has it: "127.0.1.1 fqdn short". */
int conf_hosts(const char *before, const struct host_settings *s, struct buf *ret,
               struct err *e) MUST_USE;
/* smb.conf with `workgroup = name` in [global]. *more: Samba reads other files or its registry as
 * well, which may say otherwise. A name that the file cannot carry: WORKGROUP_NAME_BAD. */
int conf_smb_workgroup(const char *before, const char *name, struct buf *ret, bool *more,
                       struct err *e) MUST_USE;
/* smb.conf of a domain member with winbind: what has to be so is set, what may be otherwise (number
 * ranges, shell, home) only where the owner does not say it. WORKGROUP_NAME_BAD: as above. */
int conf_smb_member(const char *before, const struct host_settings *s, struct buf *ret,
                    struct err *e) MUST_USE;
/* pam_winbind.conf: who may log in (require_membership_of). */
int conf_pam_winbind(const char *before, const struct host_settings *s, struct buf *ret,
                     struct err *e) MUST_USE;
int conf_sudoers(const struct host_settings *s, struct buf *ret, struct err *e) MUST_USE;
void conf_timesyncd(const struct host_settings *s, struct buf *ret);
void conf_chrony(const struct host_settings *s, struct buf *ret);
void conf_kdcinfo(const struct host_settings *s, struct buf *ret);

/* "CORP\Group", "Group@corp.example.com" -> "Group"; groups of other domains keep "@domain".
 * malloc'ed, NULL when it is no group name. */
char *conf_group_name(const struct host_settings *s, const char *group);

#endif
