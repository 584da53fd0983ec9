/*
 * From the settings to the exact list of changes on this machine: what the review page shows and
 * what is then staged, switched and run. Building a plan reads files and writes nothing.
 */
#ifndef JOINERY_CONF_HOSTPLAN_H
#define JOINERY_CONF_HOSTPLAN_H

#include "engine/conf/packages.h"
#include "engine/conf/settings.h"
#include "engine/host/host.h"
#include "engine/txn/txn.h"

/* What a change is; hostplan_what_text() says it in English (msgid). */
enum host_what {
    HOST_WHAT_KEYTAB,
    HOST_WHAT_KRB5,
    HOST_WHAT_SSSD,
    HOST_WHAT_NSS,
    HOST_WHAT_HOSTNAME,
    HOST_WHAT_HOSTS,
    HOST_WHAT_SUDOERS,
    HOST_WHAT_TIME,
    HOST_WHAT_KDCINFO,
    HOST_WHAT_PAM,
    HOST_WHAT_ENABLE,
    HOST_WHAT_RESTART,
    HOST_WHAT_SET_NAME,
    HOST_WHAT_CLEAR_CACHE,
    HOST_WHAT_LABELS,
    HOST_WHAT_WORKGROUP,
    HOST_WHAT_SAMBA,
    HOST_WHAT_SAMBA_SECRET,
    HOST_WHAT__COUNT
};

enum host_change_kind {
    HOST_CHANGE_FILE,    /* after NULL: the file goes away */
    HOST_CHANGE_LINK,    /* path becomes a symbolic link to `after` */
    HOST_CHANGE_COMMAND, /* argv is run after the switch */
    HOST_CHANGE_NAME,    /* the running host name becomes `after` */
    HOST_CHANGE_DROP,    /* a cache of the old membership is removed after the switch, without a way
                            back */
    HOST_CHANGE_OWNER,   /* not done: left to the owner, `command` says how, `note` why */
};

struct host_change {
    enum host_change_kind kind;
    enum host_what what;
    char *path;
    char *before, *after; /* whole texts; before NULL = absent. Both NULL when `secret`. */
    bool secret;
    unsigned char *bytes; /* contents when secret (of a command: what it reads), wiped on free; NULL
                             until known */
    size_t n_bytes;
    mode_t mode;        /* 0 = as it is */
    unsigned flags;     /* of txn_stage_file */
    unsigned conflicts; /* leave: places where the owner's lines were kept */
    struct strv kept;   /* those lines */
    struct strv argv;
    struct strv protect; /* files that the command changes */
    bool protect_secret; /* they hold secrets: no copy of them is kept for leaving */
    char *command;       /* argv as text, for display */
    bool required;       /* a failing command fails the operation, else it is a notice */
    const char *note;    /* msgid or NULL */
    bool only_mode;      /* the text may be the same, the mode is not */
    bool staged;
};

struct hostplan {
    struct host_change *changes; /* in the order they are made */
    size_t n;
    struct err *problems; /* what stands against it: unparsable files, missing packages; the first
                             is the error */
    size_t n_problems;
    struct package_report packages;
};

/* Fills `ret` in any case. Returns -1 with the first problem when there is one; the others are in
 * the plan. */
int hostplan_build(struct host *h, const struct host_settings *s, struct hostplan *ret,
                   struct err *e) MUST_USE;
void hostplan_free(struct hostplan *p);
const char *hostplan_what_text(enum host_what w); /* msgid: "Kerberos settings" */
/* The lines that differ, "+text" and "-text", one a line; malloc'ed, "" when none or secret. */
char *hostplan_diff(const struct host_change *c);

/* The keytab's bytes, when known (the plan names the file from the start). Copied, wiped on free.
 */
int hostplan_set_keytab(struct hostplan *p, const void *data, size_t len, struct err *e) MUST_USE;
/* What Samba's tool reads: provisioning data as djoin writes it. No effect where winbind is not the
 * identity service. */
void hostplan_set_samba(struct hostplan *p, const void *data, size_t len);
/* That alone, for a new password of a member with winbind. */
void hostplan_samba_secret(struct host *h, struct hostplan *ret);
bool hostplan_wants_samba(const struct hostplan *p);
/* Stages every file and link that is known and not staged yet; a keytab that is not known yet is
 * left for a second call after hostplan_set_keytab. */
int hostplan_stage(struct hostplan *p, struct txn *t, struct err *e) MUST_USE;

/* Called before and after each command: state 0 start, 1 done, -1 failed (error says why). */
typedef void hostplan_seen_fn(void *arg, const struct host_change *c, int state,
                              const struct err *e);
/* After the switch: the commands and the running name. Only a required one that fails is an error.
 */
int hostplan_run(const struct hostplan *p, struct host *h, const struct cancel *cancel,
                 hostplan_seen_fn *seen, void *arg, struct err *e) MUST_USE;
/* After a rollback on the running system: name and services as the restored files say. Best effort.
 */
void hostplan_unrun(struct host *h, const char *old_hostname);

/* Another name for a member: keytab, identity service, host name and hosts file; settings that have
 * nothing to do with names stay as they are. identity: the identity service's file too (else only
 * the host's own name); keytab: that as well, its bytes to come. Errors as hostplan_build. */
int hostplan_rename(struct host *h, const struct host_settings *s, bool identity, bool keytab,
                    struct hostplan *ret, struct err *e) MUST_USE;

/* The way back from a record: our lines reversed, the owner's kept. keytab: what is left of it
 * after our entries were taken out; NULL = remove the file. */
int hostplan_leave(struct host *h, const struct enroll_record *rec, const void *keytab,
                   size_t keytab_len, bool restart, struct hostplan *ret, struct err *e) MUST_USE;

/* The workgroup's name into `path`, and into smb.conf where that exists; no changes when it is
 * there already. restart: Samba's services, live and where they run. */
int hostplan_workgroup(struct host *h, const char *path, const char *name, bool restart,
                       struct hostplan *ret, struct err *e) MUST_USE;
/* Their restart alone, after smb.conf was put back. */
void hostplan_samba_restart(struct host *h, struct hostplan *p);

#endif
