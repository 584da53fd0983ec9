/* The review: every answer and every planned change as rows. */
#include "ui/model/internal.h"

static void add_row(struct wizard *w, struct review_row row)
{
    w->review = xrealloc_array(w->review, w->n_review + 1, sizeof *w->review);
    w->review[w->n_review++] = row;
}

static void heading(struct wizard *w, enum review_heading h)
{
    add_row(w, (struct review_row){.kind = REVIEW_HEADING, .number = h});
}

static void answer(struct wizard *w, enum page p, enum opt o)
{
    if (wizard_on_page(w, p))
        add_row(w, (struct review_row){.kind = REVIEW_ANSWER, .page = p, .opt = o});
}

/* The mask as it goes to the engine, and the flags in it where they have a page of their own. */
static void flags(struct wizard *w)
{
    static const enum page pages[] = {PAGE_FLAGS, PAGE_LEAVE, PAGE_RENAME};
    for (size_t p = 0; p < ARRAY_SIZE(pages); p++) {
        if (!wizard_on_page(w, pages[p]))
            continue;
        heading(w, HEAD_FLAGS);
        add_row(w, (struct review_row){.kind = REVIEW_MASK, .page = pages[p]});
    }
    for (size_t i = 0; i < flag_count() && wizard_on_page(w, PAGE_FLAGS); i++) {
        if ((flag_at(i)->ops & settings_op(&w->settings)) &&
            settings_bool(&w->settings, flag_at(i)->opt))
            answer(w, PAGE_FLAGS, flag_at(i)->opt);
    }
}

static void given(struct wizard *w, enum page p, enum opt o)
{
    if (*settings_get(&w->settings, o) && !str_eq(settings_get(&w->settings, o), "no"))
        answer(w, p, o);
}

/* Preparing machines, and applying what was prepared. */
static void offline_answers(struct wizard *w)
{
    static const enum opt parts[] = {
        OPT_OFFLINE_CERTIFICATE_TEMPLATES, OPT_OFFLINE_POLICIES, OPT_OFFLINE_POLICY_FILES,
        OPT_OFFLINE_NETBIOS_NAME,          OPT_OFFLINE_SITE,     OPT_OFFLINE_PRIMARY_DNS_DOMAIN};
    answer(w, PAGE_DATA, OPT_OFFLINE_INPUT);
    answer(w, PAGE_TARGET, OPT_OFFLINE_IMAGE);
    if (w->offline.image.kind == SYSTEM_WINDOWS)
        answer(w, PAGE_TARGET, OPT_OFFLINE_IMAGE_METHOD);
    given(w, PAGE_NAME, OPT_DESCRIPTION);
    answer(w, PAGE_PACKAGE, OPT_OFFLINE_FORMAT);
    answer(w, PAGE_PACKAGE, OPT_OFFLINE_OUTPUT);
    if (!wizard_unprotected(w))
        given(w, PAGE_PACKAGE, OPT_OFFLINE_RECIPIENTS);
    given(w, PAGE_PACKAGE, OPT_OFFLINE_OVERWRITE);
    if (wizard_batch(w))
        given(w, PAGE_PACKAGE, OPT_OFFLINE_RESULTS);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        given(w, PAGE_PARTS, parts[i]);
}

/* The mode's answers are rows that lead to their pages; a mode without any has no heading. */
static void answers(struct wizard *w)
{
    heading(w, HEAD_ANSWERS);
    if (wizard_batch(w))
        answer(w, PAGE_MACHINES, OPT_OFFLINE_BATCH);
    answer(w, PAGE_DOMAIN, OPT_DOMAIN);
    answer(w, PAGE_CONTROLLER, OPT_CONTROLLER);
    if (*settings_get(&w->settings, OPT_SITE))
        answer(w, PAGE_CONTROLLER, OPT_SITE);
    answer(w, PAGE_LEAVE, OPT_FLAG_ACCT_DELETE);
    answer(w, PAGE_WORKGROUP, OPT_WORKGROUP);
    answer(w, PAGE_RENAME, OPT_MACHINE_NAME);
    if (*settings_get(&w->settings, OPT_FQDN))
        answer(w, PAGE_RENAME, OPT_FQDN);
    answer(w, PAGE_RENAME, OPT_FLAG_ACCT_CREATE);
    if (settings_bool(&w->settings, OPT_FLAG_DNS_NAME_CHANGES_ONLY))
        answer(w, PAGE_RENAME, OPT_FLAG_DNS_NAME_CHANGES_ONLY);
    answer(w, PAGE_CREDENTIALS, OPT_ACCOUNT);
    answer(w, PAGE_OU, OPT_OU);
    answer(w, PAGE_NAME, OPT_MACHINE_NAME);
    if (*settings_get(&w->settings, OPT_FQDN))
        answer(w, PAGE_NAME, OPT_FQDN);
    if (wizard_field_visible(w, FLD_OVERRIDE) && settings_bool(&w->settings, OPT_REUSE_OVERRIDE))
        answer(w, PAGE_NAME, OPT_REUSE_OVERRIDE);
    offline_answers(w);
    if (w->review[w->n_review - 1].kind == REVIEW_HEADING)
        w->n_review--;
    if (wizard_on_page(w, PAGE_HOST)) {
        static const enum opt host[] = {OPT_IDENTITY,         OPT_LOGIN,       OPT_ADMINISTRATORS,
                                        OPT_HOME_DIRECTORIES, OPT_SHORT_NAMES, OPT_TIME,
                                        OPT_RESTART};
        heading(w, HEAD_HOST);
        for (size_t i = 0; i < ARRAY_SIZE(host); i++) {
            if (host[i] != OPT_RESTART || wizard_field_visible(w, FLD_RESTART))
                answer(w, PAGE_HOST, host[i]);
        }
    }
    flags(w);
}

static void changes(struct wizard *w, bool stays)
{
    bool any = false;
    for (size_t i = 0; i < w->n_changes; i++) {
        if ((w->changes[i].kind == CHANGE_NONE) != stays)
            continue;
        if (!any)
            heading(w, stays ? HEAD_STAYS : HEAD_CHANGES);
        any = true;
        add_row(
            w, (struct review_row){.kind = stays ? REVIEW_STAYS : REVIEW_CHANGE, .number = (int)i});
    }
}

const struct err *wizard_review_fault(const struct wizard *w)
{
    if (w->plan_err.code)
        return &w->plan_err;
    for (size_t i = 0; i < w->n_warnings; i++) {
        if (w->warnings[i].verdict == VERDICT_FAIL)
            return &w->warnings[i].err;
    }
    return NULL;
}

/* Known beforehand: programs that run keep the old name or membership in mind. */
static bool restarts(const struct wizard *w)
{
    bool here = wizard_flow(w) == FLOW_APPLY && wizard_target_live(w);
    return w->n_changes && w->machine.live &&
           (here || (wizard_flow(w) & (FLOW_JOIN | FLOW_WORKGROUP | FLOW_RENAME)));
}

void wiz_build_review(struct wizard *w)
{
    w->n_review = 0;
    bool advice = wizard_default_password(w);
    if (w->n_warnings || w->plan_err.code || advice) {
        heading(w, HEAD_WARNINGS);
        if (advice)
            add_row(w, (struct review_row){.kind = REVIEW_ADVICE, .page = PAGE_CREDENTIALS});
        if (w->plan_err.code)
            add_row(w, (struct review_row){.kind = REVIEW_WARNING, .number = -1});
        for (size_t i = 0; i < w->n_warnings; i++)
            add_row(w, (struct review_row){.kind = REVIEW_WARNING, .number = (int)i});
    }
    answers(w);
    changes(w, false);
    if (w->n_changes)
        add_row(w, (struct review_row){.kind = REVIEW_PROMISE});
    if (restarts(w))
        add_row(w, (struct review_row){.kind = REVIEW_RESTART});
    if (wizard_first_wipes(w))
        add_row(w, (struct review_row){.kind = REVIEW_WIPE});
    changes(w, true);
    if (w->list[FLD_REVIEW].sel >= w->n_review)
        w->list[FLD_REVIEW].sel = 0;
}
