/* Shared among the files of ui/model; nobody else includes it. */
#ifndef JOINERY_UI_MODEL_INTERNAL_H
#define JOINERY_UI_MODEL_INTERNAL_H

#include "engine/base/strv.h"
#include "ui/model/wizard.h"

#define IDLE_MS         500
#define KIOSK_IDLE_MS   300000
#define NOTICE_MS       500  /* a shorter wait is not worth a notice */
#define NOTICE_STAYS_MS 1000 /* long enough to be read */

/* wizard.c */
void wiz_say(struct wizard *w, enum say what, const char *arg);
void wiz_say_err(struct wizard *w, enum say what, const struct err *e);
void wiz_fault(struct wizard *w, enum field f, enum say what);
struct effect *wiz_effect(struct effects *fx, enum effect_kind kind);
void wiz_replace(char **slot, const char *value); /* NULL becomes "" */
void wiz_set_opt(struct wizard *w, enum opt o, const char *value);
void wiz_quit(struct wizard *w, int status, struct effects *fx);
void wiz_log(struct wizard *w, int level, const char *line);

bool wiz_message_changes(const struct wizard *w); /* by itself, as time goes by */

/* nav.c and visible.c */
void wiz_enter(struct wizard *w, enum page p, struct effects *fx);
void wiz_next(struct wizard *w, struct effects *fx);  /* validates */
void wiz_go_on(struct wizard *w, struct effects *fx); /* to the page after this one */
void wiz_back(struct wizard *w, struct effects *fx);
void wiz_move_focus(struct wizard *w, int by);
void wiz_default_focus(struct wizard *w);
bool wiz_next_waits(struct wizard *w);
void wiz_wait_for(struct wizard *w, enum job job, enum known known, enum say say,
                  struct effects *fx);
/* The focus on a field of the page; where that is not shown, where the page starts. */
void wiz_focus_field(struct wizard *w, enum field f);
/* After an event: the focus is on something that is there. */
void wiz_settle_focus(struct wizard *w);
void wiz_forget_password(struct wizard *w);
void wiz_set_ou(struct wizard *w, const char *dn);
/* Opens the page that owns a failure, says it there, and returns to the review afterwards. */
void wiz_lead(struct wizard *w, const struct err *e, struct effects *fx);
/* Opens a page to come back to the review from. The organizational units cannot be read
 * without the password, which is not kept after an attempt: it is asked for first. */
void wiz_visit(struct wizard *w, enum page p, struct effects *fx);
void wiz_ask_password(struct wizard *w, enum page then, struct effects *fx);

/* input.c, overlay.c */
void wiz_key(struct wizard *w, const struct wiz_event *ev, struct effects *fx);
void wiz_press(struct wizard *w, enum button b, struct effects *fx);
bool wiz_overlay_key(struct wizard *w, enum action a, const char *text, struct effects *fx);
void wiz_open_overlay(struct wizard *w, enum overlay o);
void wiz_close_overlay(struct wizard *w);
void wiz_ask(struct wizard *w, enum question q);
void wiz_open_prompt(struct wizard *w, enum prompt p, const char *text);
void wiz_open_details(struct wizard *w, const struct err *e, bool raw);
void wiz_open_change(struct wizard *w, const struct change_view *c);
void wiz_cancel(struct wizard *w, struct effects *fx); /* the cancel key */

/* rows.c: what Enter and Space do on list rows */
bool wiz_list_enter(struct wizard *w, enum field f, struct effects *fx);
void wiz_list_event(struct wizard *w, enum field f, enum list_result r, struct effects *fx);
void wiz_remember_custom_dc(struct wizard *w);
void wiz_list_prepare(struct wizard *w, enum field f);
void wiz_choose(struct wizard *w, enum field f, size_t i, struct effects *fx);

/* rows_ou.c: the tree */
size_t wiz_ou_count(const struct wizard *w);
size_t wiz_ou_row(const struct wizard *w); /* of the present answer */
void wiz_ou_select(struct wizard *w, size_t row);
void wiz_ou_toggle(struct wizard *w, bool open, struct effects *fx);
/* edited.c */
void wiz_edited(struct wizard *w, enum field f, struct effects *fx);

/* jobs.c */
void wiz_start(struct wizard *w, enum job job, struct effects *fx);
void wiz_stop_job(struct wizard *w, struct effects *fx);
const char *wiz_next_branch(const struct wizard *w); /* of the tree, to be read next; "" none */
void wiz_tick(struct wizard *w, struct effects *fx);
void wiz_post_idle(struct wizard *w, struct effects *fx);

/* answers.c */
void wiz_message(struct wizard *w, struct engine_msg *m, struct effects *fx);

/* found.c: findings */
/* An empty domain becomes the one that this machine's own settings name. */
void wiz_propose_domain(struct wizard *w);
void wiz_clear_domain(struct wizard *w);
void wiz_clear_ous(struct wizard *w);
void wiz_clear_plan(struct wizard *w);
void wiz_clear_name(struct wizard *w);
void wiz_clear_status(struct wizard *w);
void wiz_clear_run(struct wizard *w);
void wiz_keep_verdict(struct verdict_view *list, size_t *n, const struct verdict_view *v);
void wiz_add_verdict(struct verdict_view *list, size_t *n, const struct verdict_view *v);
void wiz_take_dc(struct wizard *w, struct dc_view *dc);
void wiz_take_ous(struct wizard *w, struct engine_msg *m);
void wiz_take_change(struct wizard *w, struct change_view *c);

/* review.c */
void wiz_build_review(struct wizard *w);

/* offline.c: findings and secrets of offline enrolment */
int wiz_offline_init(struct wizard *w);
void wiz_offline_free(struct wizard *w);
void wiz_forget_passphrase(struct wizard *w);
void wiz_forget_typed_passphrase(struct wizard *w); /* not what the configuration brought */
void wiz_clear_rows(struct wizard *w);
void wiz_clear_volumes(struct wizard *w);
void wiz_clear_package(struct wizard *w);
void wiz_clear_image(struct wizard *w);
void wiz_offline_message(struct wizard *w, struct engine_msg *m);

/* machines.c */
void wiz_choose_machines(struct wizard *w, enum machines m, struct effects *fx);
void wiz_list_saved(struct wizard *w, const struct wiz_event *ev, struct effects *fx);
void wiz_next_machines(struct wizard *w, struct effects *fx);
void wiz_offer_output(struct wizard *w);
bool wiz_validate_package(struct wizard *w);

/* typed.c: the list that is typed */
void wiz_show_typed(struct wizard *w);
bool wiz_add_row(struct wizard *w); /* of FLD_NEW_ROW; false: there was nothing */
bool wiz_remove_row(struct wizard *w);
char *wiz_list_text(const struct wizard *w);

/* apply.c */
size_t wiz_blob_count(const struct wizard *w);
size_t wiz_target_count(const struct wizard *w);
void wiz_target_changed(struct wizard *w, struct effects *fx);
void wiz_choose_target(struct wizard *w, size_t row, struct effects *fx);
void wiz_image_edited(struct wizard *w, struct effects *fx);
void wiz_prepare_targets(struct wizard *w);
void wiz_input_changed(struct wizard *w, struct effects *fx);
void wiz_choose_blob(struct wizard *w, size_t row, struct effects *fx);
void wiz_prepare_blobs(struct wizard *w);
void wiz_open_done(struct wizard *w, const struct err *e, struct effects *fx);
void wiz_image_done(struct wizard *w, const struct err *e, struct effects *fx);
void wiz_volumes_done(struct wizard *w, const struct err *e, struct effects *fx);
void wiz_enter_apply(struct wizard *w, struct effects *fx);
void wiz_key_read(struct wizard *w, const struct wiz_event *ev, struct effects *fx);
void wiz_next_data(struct wizard *w, struct effects *fx);
void wiz_next_target(struct wizard *w, struct effects *fx);

/* run.c */
void wiz_run_begin(struct wizard *w, enum job job, struct effects *fx);
void wiz_run_message(struct wizard *w, struct engine_msg *m, struct effects *fx);
void wiz_run_done(struct wizard *w, struct engine_msg *m, struct effects *fx);
void wiz_finish(struct wizard *w, struct effects *fx);

/* firstboot_find.c: the pages that own what is missing, a bit each; the next file with data that
 * was brought here for this machine, from that one on (the number of all: none); whether the open
 * one was made for it, can be applied, is for another domain than the one that is configured */
uint64_t wiz_first_missing(const struct wizard *w);
size_t wiz_first_brought(const struct wizard *w, size_t i);
bool wiz_first_fits(const struct wizard *w);
bool wiz_first_usable(const struct wizard *w);
bool wiz_first_foreign(const struct wizard *w);
/* firstboot.c */
bool wiz_first_skips(const struct wizard *w, enum page p);
/* true: it was what the first boot waits for, and is dealt with. */
bool wiz_first_job_done(struct wizard *w, enum job job, const struct err *e, struct effects *fx);
/* true: something else than the result page follows. */
bool wiz_first_run_done(struct wizard *w, struct effects *fx);
void wiz_first_ended(struct wizard *w, struct effects *fx);
void wiz_first_try_now(struct wizard *w, struct effects *fx);
void wiz_first_change(struct wizard *w, struct effects *fx);
void wiz_first_seen(struct wizard *w, const struct wiz_event *ev);
void wiz_first_tick(struct wizard *w, struct effects *fx);
/* Somebody names another domain than the configured one, whose password that was. */
void wiz_first_bound(struct wizard *w);
int wiz_first_tick_ms(const struct wizard *w); /* 0: none is needed */
void wiz_first_idle(struct wizard *w, struct effects *fx);

/* login_by.c */
size_t wiz_login_count(const struct wizard *w);
void wiz_choose_login(struct wizard *w, size_t index);
/* login.c: what follows from an answer that decides who logs in, or under which name */
void wiz_answer_changed(struct wizard *w, enum opt o);
bool wiz_login_lacks(const struct wizard *w); /* a password is needed and not there */
/* The named controller takes no writes: asks whether to join with a prepared account through it. */
bool wiz_readonly_question(struct wizard *w, const struct err *e);
void wiz_join_readonly(struct wizard *w); /* the answer is yes */
/* The name in the directory: whether it can be looked up now, whether it will do, and saying why it
 * will not where the cure is. */
bool wiz_name_can_be_asked(const struct wizard *w);
bool wiz_name_good(const struct wizard *w);
void wiz_name_trouble(struct wizard *w, struct effects *fx);
/* kiosk.c: fields and buttons that a kiosk does not have; the image that was configured is the only
 * one; five minutes without a key. */
bool wiz_kiosk_hides(const struct wizard *w, enum field f);
bool wiz_kiosk_target_fixed(const struct wizard *w);
size_t wiz_kiosk_buttons(const struct wizard *w, enum button *b, size_t n); /* those that remain */
bool wiz_kiosk_refuses(const struct wizard *w, enum button wanted);
void wiz_kiosk_idle(struct wizard *w, struct effects *fx);

/* mode.c */
bool wiz_mode_listed(const struct wizard *w, enum mode m);
/* The typed names of a machine, where another one is meant now. */
void wiz_drop_typed_names(struct wizard *w);
/* The answers that belong to the chosen mode. */
void wiz_choose_mode(struct wizard *w);

/* rules.c: what the answers of a page lack; false with message and fault set */
bool wiz_validate(struct wizard *w, enum page p);
/* The rules of a computer name that need no directory; e (may be NULL) says which is broken. */
bool wiz_name_rule(const char *name, struct err *e);

#endif
