/*
 * What the engine tells the user interface about the outside world: plain values, owned by the
 * message that carries them. Strings from the network are UTF-8 as received; whoever displays them
 * sanitizes them.
 */
#ifndef JOINERY_VIEWS_H
#define JOINERY_VIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/err.h"
#include "engine/base/strv.h"
#include "engine/tables/checks.h"

struct domain_view {
    char *dns_name, *netbios_name, *forest, *realm;
    char *client_site; /* "" when unknown */
};

enum dc_health {
    DC_UNKNOWN,
    DC_ANSWERED,
    DC_SILENT,
    DC_REFUSED,
    DC_WRONG_DOMAIN,
    DC_READ_ONLY_STATE,
    DC_MALFORMED
};

struct dc_view {
    char *host, *address, *site;
    int latency_ms; /* -1 while unknown */
    enum dc_health state;
    bool writable, closest, chosen;
};

struct ou_view {
    char *dn;   /* as the directory wrote it (RFC 4514) */
    char *name; /* value of the RDN, unescaped */
    bool may_create;
    bool is_ou; /* false: a container or the domain itself */
};

/* What is known about the computer name in the directory. */
enum name_state { NAME_FREE, NAME_OWN, NAME_TAKEN, NAME_REFUSED };
struct name_view {
    char *netbios, *fqdn, *account; /* KIOSK-07, kiosk-07.corp.example.com, KIOSK-07$ */
    enum name_state state;
    struct err why;             /* for NAME_TAKEN and NAME_REFUSED: what a join would end with */
    char *dn, *owner, *creator; /* of the existing account, "" when none or unknown */
};

/* One thing that the operation will change, for the review. */
enum change_kind {
    CHANGE_DIRECTORY,
    CHANGE_FILE,
    CHANGE_SERVICE,
    CHANGE_HOST,
    CHANGE_NONE /* what stays */
};
struct change_view {
    enum change_kind kind;
    char *object;     /* path, DN, unit */
    const char *what; /* msgid */
    char *detail;     /* value or diff lines, "" when none */
};

enum verdict { VERDICT_OK, VERDICT_NOTICE, VERDICT_WARNING, VERDICT_FAIL, VERDICT_SKIPPED };
struct verdict_view {
    enum check check;
    enum verdict verdict;
    struct err err; /* code and facts; for VERDICT_OK facts only */
};

enum member_state { MEMBER_NONE, MEMBER_WORKGROUP, MEMBER_DOMAIN };

/* What would mend a membership: the operation `repair` does it. */
enum mend {
    MEND_NOTHING, /* it works */
    MEND_FILES,   /* the machine's own password works: files, keytab, names; nobody is asked */
    MEND_ACCOUNT, /* broken secret or disabled account: an account with rights sets a new password
                   */
    MEND_REJOIN,  /* the account is gone: it is made again */
    MEND_WAIT     /* the domain cannot be reached: nothing can be told */
};

struct status_view {
    enum member_state state;
    char *domain, *realm, *netbios, *computer, *fqdn, *account_dn, *site,
        *controller;         /* "" when unknown */
    char *workgroup;         /* MEMBER_WORKGROUP: its name */
    int64_t joined_at;       /* seconds since the epoch, 0 unknown */
    int64_t password_set_at; /* of the machine, by the directory; the same; 0 unknown */
    enum mend mend;
    bool interrupted; /* an operation waits for --recover */
    struct verdict_view *checks;
    size_t n_checks;
};

/* This machine before anything was asked of the network. */
struct machine_view {
    char *host_name, *address, *os_name; /* "" when unknown */
    char *next_name;                     /* of the next boot, where it differs; else "" */
    char *own_name; /* what machine.name's {serial} and so on stand for here; "" when it has none */
    char *search_domain; /* the resolver's first search domain: a proposal; "" when none */
    bool root;           /* may change the system */
    bool live;           /* acts on the running system, not on one under --root */
    enum member_state state;
    char *member_of;    /* domain or workgroup */
    char *account;      /* of the membership, KIOSK-07$; "" when none */
    char *other_tool;   /* that made the membership (realmd, adcli, net) when we did not; else "" */
    char *identity;     /* what lets other accounts log in now: sssd, winbind or none */
    char *time_service; /* chrony, systemd-timesyncd; "" when none that is known */
    bool interrupted;
};

/* What provisioning data holds. Strings "" when it is not in there. */
struct package_view {
    char *source;        /* the file; "-" for standard input */
    char *form;          /* "text", "binary", "answer file"; in English, a msgid */
    bool protected_form; /* it came in an envelope */
    char *machine, *domain, *netbios_domain, *forest, *controller, *site;
    char *domain_sid, *account_sid;
    bool has_password, default_password;
    struct strv parts;   /* "JOIN_PROVIDER3", with ", essential" */
    struct strv skipped; /* unknown parts that are passed over */
    struct err err;      /* code 0: it can be applied */
};

enum system_kind { SYSTEM_NONE, SYSTEM_WINDOWS, SYSTEM_LINUX, SYSTEM_RUNNING };

/* A mounted volume, or a medium. */
struct volume_view {
    char *path, *device, *fstype, *label;
    bool read_only, removable;
    bool own; /* the folder of this system itself with data that came along in its image */
    enum system_kind kind;
    char *system;      /* "Windows 10 Pro, 19041", "Debian GNU/Linux 12"; "" when there is none */
    struct strv blobs; /* files on it that hold provisioning data, full paths */
    struct err err;    /* why the system on it cannot be enrolled; code 0 = it can, or unknown */
};

enum image_method { IMAGE_NO_METHOD, IMAGE_UNATTEND, IMAGE_FIRSTBOOT };

/* The system that the data is for. */
struct image_view {
    enum system_kind kind;
    char *path;                               /* as given */
    char *windows;                            /* its Windows directory; "" for Linux */
    char *product, *version, *edition, *arch; /* "" = unknown */
    char *setup_state;                        /* IMAGE_STATE_COMPLETE...; "" = unknown */
    char *name;                               /* its present computer or host name */
    enum image_method method;                 /* that will be used */
    const char *why;                          /* msgid: the reason for it */
    struct err err;                           /* code 0: it can take the data */
};

/* One machine of a list. */
enum row_state { ROW_WAITING, ROW_RUNNING, ROW_DONE, ROW_FAILED, ROW_BEFORE };
struct row_view {
    size_t index;         /* from 0 */
    unsigned line;        /* in the file */
    enum row_state state; /* ROW_BEFORE: done in an earlier run */
    char *name, *ou, *description, *output;
    struct err err; /* ROW_FAILED; a row that cannot be read has it while ROW_WAITING */
};
struct rate_view {
    size_t done, failed, total;
    unsigned per_minute;
    int left_s; /* -1 = unknown */
};

void domain_view_free(struct domain_view *v);
void dc_view_free(struct dc_view *v);
void ou_view_free(struct ou_view *v);
void name_view_free(struct name_view *v);
void change_view_free(struct change_view *v);
void status_view_free(struct status_view *v);
void machine_view_free(struct machine_view *v);
void package_view_free(struct package_view *v);
void volume_view_free(struct volume_view *v);
void image_view_free(struct image_view *v);
void row_view_free(struct row_view *v);

#endif
