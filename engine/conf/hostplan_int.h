/* Shared between the parts of the planning; private to engine/conf. */
#ifndef JOINERY_CONF_HOSTPLAN_INT_H
#define JOINERY_CONF_HOSTPLAN_INT_H

#include "engine/conf/conf.h"
#include "engine/conf/hostplan.h"

struct planner {
    struct host *h;
    const struct host_settings *s; /* NULL when leaving */
    struct hostplan *p;
    struct enroll_record rec; /* of an earlier join; empty when there is none */
    bool live, restart;
};

/* The new change is the plan's; valid until the next one is added. */
struct host_change *plan_add(struct planner *pl, enum host_change_kind kind, enum host_what what,
                             const char *path);
void plan_problem(struct planner *pl, const struct err *e);
/* "tool word 'two words'", for display; malloc'ed. */
char *plan_command_text(const struct strv *argv);
struct host_change *plan_command(struct planner *pl, enum host_what what, const char *const *argv);

/* The keytab, its bytes to come. */
void plan_keytab(struct planner *pl);
/* One file of ours: what it is now, without what an earlier join left in it, with what this one
 * wants. mode 0: as it is. */
typedef int plan_editor(const char *before, const struct host_settings *s, struct buf *ret,
                        struct err *e);
void plan_file(struct planner *pl, enum host_what what, const char *path, mode_t mode,
               plan_editor *edit);
plan_editor plan_edit_sudoers;
/* Files that are already as they should be are no change. */
void plan_drop_idle(struct hostplan *p);

/* A text of the target, NULL when absent; malloc'ed. */
int plan_read(struct planner *pl, const char *path, char **ret, struct err *e) MUST_USE;
/* `now` with the lines of an earlier join undone; NULL when nothing is left of the file. kept and
 * conflicts may be NULL. */
int plan_undo_ours(struct planner *pl, const struct enroll_file *f, const char *now, char **ret,
                   unsigned *conflicts, struct strv *kept, struct err *e) MUST_USE;
/* The undoing of one recorded file, as a change of the plan where it has an effect. */
int plan_undo_file(struct planner *pl, const struct enroll_file *f, struct err *e) MUST_USE;
/* `text` of nsswitch.conf, hosts or sssd.conf without the word that we had put into lines which the
 * owner changed since (sss, the full name, the domain), unless `old` had it there; other files stay
 * as they are. malloc'ed. */
char *conf_forget(const char *path, const char *text, const char *old,
                  const struct enroll_record *rec);
bool plan_has_path(const struct planner *pl, const char *path);
enum host_what plan_what_of(const char *path);

void plan_pam(struct planner *pl);
/* Whether the PAM files name the identity service's module ("sss", "winbind") and, if wanted,
 * pam_mkhomedir; by what the distribution's tool left. */
bool plan_pam_ready(struct host *h, const char *service, bool home_dirs);
/* Leaving after the owner has changed these files: the distribution's tool takes our part out. A
 * merge by lines would be wrong, because modules count the lines that follow them. */
void plan_pam_leave(struct planner *pl);
bool plan_is_pam(const char *path);
void plan_services(struct planner *pl);
/* hostplan_winbind.c: its files, and the command that gives Samba the machine's secret. */
void plan_winbind(struct planner *pl);
void plan_winbind_secret(struct planner *pl);
int plan_winbind_run(const struct host_change *c, struct host *h, const struct cancel *cancel,
                     struct err *e) MUST_USE;
#define SAMBA_SECRETS "/var/lib/samba/private/secrets.tdb"
void plan_time(struct planner *pl);
/* What a copied disk remembers of memberships that are not the one to come. */
void plan_forget_others(struct planner *pl);

#endif
