/* What the flows share: the machine, and what was found and opened so far. Private to engine/flow.
 */
#ifndef JOINERY_FLOW_SESSION_H
#define JOINERY_FLOW_SESSION_H

#include "engine/account/account.h"
#include "engine/conf/hostplan.h"
#include "engine/dir/dir.h"
#include "engine/flow/flow.h"
#include "engine/flow/locate.h"
#include "engine/host/host.h"
#include "engine/kerb/kerb.h"
#include "engine/model/names.h"
#include "engine/model/settings.h"

#define SKEW_WARN_S 60
#define SKEW_MAX_S  300

struct own_login;

struct session {
    struct host *target; /* the system under --root: what is changed */
    struct host
        *here; /* the running system: its resolver and its clock are what the network sees */
    char *root;
    struct cancel *cancel;
    session_effect_fn *effect;
    void *effect_arg;
    /* of the running job */
    const struct settings *s;
    struct report *r;
    const struct buf *req_input; /* of the request, NULL: the settings name a file */
    struct buf *req_output;
    /* a name made from a template; template.c */
    struct settings *own_settings; /* what s points to then, else NULL */
    char *other_name;              /* to be used when the first one is taken; NULL: there is none */
    struct err name_note;          /* why the name has a suffix, code 0: it has none */
    unsigned char machine_id[ACCOUNT_MACHINE_ID];
    bool has_id;
    bool mounts;             /* JOB_VOLUMES: media that nobody mounted are mounted; apply/media.h */
    unsigned media;          /* how many are now */
    struct media_try *stuck; /* a device that the kernel waits for; NULL: none */
    struct buf *standard_input; /* NULL until it was read; offline_input.h */
    /* Local work that is done while the controller answers the login's first question, once. May be
     * NULL. */
    void (*idle)(void *arg);
    void *idle_arg;

    /* found by locate_domain(); valid while locate_key matches the settings */
    char *locate_key;
    struct located *loc;
    char *realm;
    struct kerb *kerb;
    char *avoid; /* the controller that a person's login was lost at: the next search prefers others
                  */

    /* the joining account, logged in by log_in(); valid while account and password are the same */
    char *login_key;
    struct secret login_password;
    struct kerb_cred *user;
    struct own_login *own; /* own.h: when it is the machine's own account, else NULL */
    int login_wait_ms;     /* for an answer of the directory's during the login */
    bool secret_sent; /* a secret of the account's went out and no verdict on it came back yet */
    struct dir_root root_dse;
    bool have_root;
    struct dir *dir;  /* sealed, as the joining account */
    struct dir *anon; /* connected, not bound yet */

    /* the names of this join and what the directory says about them; dropped when a name or the OU
     * changes */
    struct machine_names names;
    char *facts_key;
    struct account_facts facts;
};

/* Engine texts for facts that are sentences are in English; values come from outside. */
struct dc_candidate *
session_dc(struct session *s); /* the pinned one, NULL before locate_domain() */
void session_set_effect(struct session *s, enum cancel_effect effect);

/* A journal that nobody is working on. */
bool session_interrupted(struct session *s);

/* template.c: with words such as {serial} in the computer name the job works on a copy of its
 * settings, *own, which the caller drops; session_drop_name() before that. */
int session_expand_name(struct session *s, struct settings **own, struct err *e) MUST_USE;
void session_drop_name(struct session *s);
/* What the settings' name stands for here, "" when it has no such words; malloc'ed. */
char *session_own_name(struct session *s);
/* After the facts were read: when another machine has the account of that name, the name with the
 * suffix takes its place, and the facts have to be read *again. */
int session_settle_template(struct session *s, bool *again, struct err *e) MUST_USE;

/* connect.c: steps 1 to 7. Each does nothing when its result is there already. */
int locate_domain(struct session *s, struct err *e) MUST_USE;
int check_clock(struct session *s,
                struct err *e) MUST_USE; /* after the KDC or the root object was heard */
bool session_skew(struct session *s, long *seconds);
int log_in(struct session *s, struct err *e) MUST_USE;
int log_in_here(struct session *s, struct err *e) MUST_USE; /* login.c: at the pinned one only */
/* For account and machine alike: a connected socket to port 389 of the pinned controller. */
int connect_ldap(struct session *s, struct err *e) MUST_USE;
/*
 * failover.c, before the first write only: runs `login` at the pinned controller and, when that one
 * turns out to be out of reach (silent, refusing, dying, lying, busy), pins another one of the
 * domain and runs it again. Never when a person named the controller; never after a person's secret
 * was sent and its verdict lost (s->secret_sent), because a second try may lock the account. No
 * further controller is begun after FAILOVER_MS. Each one has LOGIN_WAIT_MS for each answer, and
 * LOGIN_SHORT_MS while another one is known that could take its place. `login` lets go of all that
 * belongs to the controller's Kerberos connection before it fails.
 */
#define FAILOVER_MS    20000
#define LOGIN_WAIT_MS  10000
#define LOGIN_SHORT_MS 4000
/* Of failures: it says nothing about the account or the request, only about this controller. */
bool controller_failed(const struct err *e);
int with_failover(struct session *s, int (*login)(struct session *s, void *arg, struct err *e),
                  void *arg, struct err *e) MUST_USE;

/* connect.c: what a search for controllers needs, from the session's settings. */
struct locate_place {
    struct dns_config dns;
    char *domain, *named, *host, *site;
};
int locate_place(struct session *s, struct locate_place *p, struct locate_request *rq,
                 struct err *e) MUST_USE;
void locate_place_done(struct locate_place *p);
/* Sets the pinned controller aside and pins another; on failure the old one stays on record. */
int locate_another(struct session *s, int64_t until, struct err *e) MUST_USE;

void drop_connection(struct session *s); /* login and directory; the domain stays known */
void drop_domain(struct session *s);

/* undo_link.c: runs `back` over the account's connection or a new one, which a cancel does not
 * stop; once more over a new one when the connection had ended. 0, or -1 with the error. */
int undo_over_link(struct session *s, int (*back)(void *arg, struct dir *d, struct err *e),
                   void *arg, struct err *e) MUST_USE;

/* Is the account of that name the one with our password? Somebody else may have made another in the
 * same moment. Over a connection of its own, which a cancel does not stop. */
int undo_is_ours(struct session *s, const struct secret *password, bool *ours,
                 struct err *e) MUST_USE;

/* facts.c: steps 8 and 9 */
int read_facts(struct session *s, struct err *e) MUST_USE;
void account_names_of(struct session *s, struct account_names *n);
void account_policy_of(const struct settings *s, struct account_policy *p);
/* The preflight's single verdicts, as messages. */
void report_decision(struct session *s, const struct account_decision *d);
int present_host_name(struct session *s, char **ret, struct err *e) MUST_USE;

/* local.c: settings to the plan of changes on this machine. strings in `ret` are borrowed from
 * session and settings; lists are freed by host_settings_done(). */
void host_settings_of(struct session *s, struct host_settings *ret);
void host_settings_done(struct host_settings *h);
/* Packages that the target lacks, as a notice: a root that does not run yet may still get them. */
bool missing_packages(const struct hostplan *p, struct err *e);

/* workgroup.c: its part of JOB_PLAN and of --check; Samba's services after its files were put back.
 */
/* provision.c, apply.c: their parts of JOB_PLAN and of --check. */
int plan_provision(struct session *s, struct err *e) MUST_USE;
int check_provision(struct session *s, struct err *e) MUST_USE;
int plan_apply(struct session *s, struct err *e) MUST_USE;
int check_apply(struct session *s, struct err *e) MUST_USE;
int plan_workgroup(struct session *s, struct err *e) MUST_USE;
int check_workgroup(struct session *s, struct err *e) MUST_USE;
void workgroup_unrun(struct session *s);
/* leave.c: forward to the end, after a crash once the account was disabled. */
int leave_recover(struct session *s, struct txn *t, struct err *e) MUST_USE;
/* rename_show.c: a rename's part of JOB_PLAN, JOB_NAME and --check. */
int plan_rename(struct session *s, struct err *e) MUST_USE;
int name_rename(struct session *s, struct err *e) MUST_USE;
int check_rename(struct session *s, struct err *e) MUST_USE;
/* check.c: the verdicts about the domain and the login. False: they failed. */
bool check_network(struct session *s);
bool check_login(struct session *s);
/* plan.c: a plan's changes and what stands against it, as messages. */
void plan_send(struct session *s, const struct hostplan *p);

/* One file each. */
void flow_machine(struct session *s);
int flow_network(struct session *s, struct err *e) MUST_USE;
int flow_discover(struct session *s, struct err *e) MUST_USE;
int flow_login(struct session *s, struct err *e) MUST_USE;
int flow_ous(struct session *s, const char *dn, const char *filter, struct err *e) MUST_USE;
int flow_name(struct session *s, struct err *e) MUST_USE;
int flow_plan(struct session *s, struct err *e) MUST_USE;
int flow_check(struct session *s, struct err *e) MUST_USE;
int flow_status(struct session *s, struct err *e) MUST_USE;
int flow_join(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_leave(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_workgroup(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_rename(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_rotate(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_recover(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_provision(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_batch(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_apply(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int flow_open(struct session *s, struct err *e) MUST_USE;
int flow_volumes(struct session *s, struct err *e) MUST_USE;
int flow_image(struct session *s, struct err *e) MUST_USE;
int flow_list(struct session *s, struct err *e) MUST_USE;

#endif
