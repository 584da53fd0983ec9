/* Which pages a mode has, which fields they show, and what of it can have the focus. */
#include <string.h>

#include "ui/model/internal.h"

enum flow wizard_flow(const struct wizard *w)
{
    enum flow f = mode_row(w->mode)->flow;
    return f ? f : FLOW_JOIN;
}

static bool network_trouble(const struct wizard *w)
{
    if (w->network_known == KNOWN_RUNNING || w->network_known == KNOWN_PENDING)
        return true;
    for (size_t i = 0; i < w->n_network; i++) {
        if (w->network[i].verdict == VERDICT_FAIL || w->network[i].verdict == VERDICT_WARNING)
            return true;
    }
    return false;
}

/* Whether the mode needs somebody with rights in the domain. */
static bool asks_account(const struct wizard *w)
{
    switch (wizard_flow(w)) {
    case FLOW_LEAVE:
        return settings_bool(&w->settings, OPT_FLAG_ACCT_DELETE);
    case FLOW_RENAME:
        return settings_bool(&w->settings, OPT_FLAG_ACCT_CREATE);
    case FLOW_REPAIR:
        return w->status_known == KNOWN_YES &&
               (w->status_view.mend == MEND_ACCOUNT || w->status_view.mend == MEND_REJOIN);
    default:
        return true;
    }
}

bool wizard_on_page(const struct wizard *w, enum page p)
{
    if (!(page_flows(p) & wizard_flow(w)))
        return false;
    switch (p) {
    case PAGE_NETWORK:
        return w->page == PAGE_NETWORK || network_trouble(w);
    case PAGE_CREDENTIALS:
        return asks_account(w);
    case PAGE_NAME: /* a list names its machines itself */
        return !wizard_batch(w);
    case PAGE_HOST: /* what Windows is to be told is in the data */
        return wizard_flow(w) != FLOW_APPLY || w->offline.image.kind != SYSTEM_WINDOWS;
    case PAGE_OU: /* a prepared account is where it is */
        return !wizard_as_machine(w);
    case PAGE_RESTART:
        return w->finished && !w->result.code && w->restart_needed && w->machine.live &&
               (wizard_flow(w) != FLOW_APPLY || wizard_target_live(w)) &&
               str_eq(settings_get(&w->settings, OPT_RESTART), "ask");
    default:
        return true;
    }
}

void wizard_position(const struct wizard *w, int *step, int *of)
{
    *step = *of = 0;
    for (enum page p = 0; p < PAGE__COUNT; p++) {
        if (p == PAGE_RESTART || !wizard_on_page(w, p) || wiz_first_skips(w, p))
            continue;
        ++*of;
        if (p <= w->page)
            ++*step;
    }
}

bool wizard_field_visible(const struct wizard *w, enum field f)
{
    const struct settings *s = &w->settings;
    if (wiz_kiosk_hides(w, f))
        return false;
    switch (f) {
    case FLD_DOMAIN_SERVER:
        return w->domain_err.code || *settings_get(s, OPT_CONTROLLER);
    case FLD_LOGIN_BY: /* a part of a system upgrade logs in with the secret it has */
        return !wizard_as_machine(w) || settings_bool(s, OPT_FLAG_JOIN_UNSECURE);
    case FLD_ACCOUNT:
        return !wizard_as_machine(w) && wizard_login_by(w) != LOGIN_TICKET;
    case FLD_KEYTAB:
        return !wizard_as_machine(w) && wizard_login_by(w) == LOGIN_KEYTAB;
    case FLD_PASSWORD:
        return wizard_as_machine(w) ? wizard_machine_password(w)
                                    : wizard_login_by(w) == LOGIN_PASSWORD;
    case FLD_NEW_NAME:
        return wizard_flow(w) != FLOW_PROVISION &&
               (!str_empty(w->machine.next_name) || settings_bool(s, OPT_FLAG_JOIN_WITH_NEW_NAME));
    case FLD_DESCRIPTION:
        return wizard_flow(w) == FLOW_PROVISION;
    case FLD_BATCH:
        return w->offline.machines == MACHINES_FILE;
    case FLD_NEW_ROW:
    case FLD_SAVE_LIST:
        return w->offline.machines == MACHINES_TYPED;
    case FLD_ROWS:
        return w->offline.machines != MACHINES_ONE;
    case FLD_BLOBS:
        return w->offline.volumes_known == KNOWN_RUNNING || wiz_blob_count(w) > 0;
    case FLD_OPEN_PASSPHRASE:
        return wizard_wants_passphrase(w);
    case FLD_RECIPIENT_KEY:
        return wizard_wants_key(w);
    case FLD_IMAGE_CHECKS:
        return w->offline.n_verdicts > 0;
    case FLD_METHOD:
        return w->offline.image.kind == SYSTEM_WINDOWS;
    case FLD_PASSPHRASE:
    case FLD_PASSPHRASE_AGAIN:
    case FLD_RECIPIENTS:
        return !wizard_unprotected(w);
    case FLD_RESULTS:
        return wizard_batch(w);
    case FLD_NETBIOS_NAME: /* of one machine */
        return !wizard_batch(w);
    case FLD_WAIT_NOTE:
        return w->first.on;
    case FLD_STEPS: /* not known before it is known what there is to do */
        return !w->first.on || w->n_steps > 0;
    case FLD_RATE:
    case FLD_RUN_ROWS:
    case FLD_RESULT_ROWS:
        return wizard_batch(w);
    case FLD_OVERRIDE:
        return wizard_flow(w) != FLOW_PROVISION &&
               (settings_bool(s, OPT_REUSE_OVERRIDE) ||
                (w->name_known == KNOWN_YES &&
                 w->name.why.code == CODE_NERR_AccountReuseBlockedByPolicy));
    case FLD_RESTART: /* nothing here is restarted for a system elsewhere */
        return wizard_flow(w) != FLOW_APPLY || wizard_target_live(w);
    case FLD_RENAME_DNS_ONLY:
        return settings_bool(s, OPT_FLAG_ACCT_CREATE);
    default:
        return true;
    }
}

size_t wizard_fields(const struct wizard *w, enum page p, enum field *out, size_t max)
{
    size_t n = 0;
    for (enum field f = 0; f < FLD__COUNT && n < max; f++) {
        if (field_row(f)->page == p && wizard_field_visible(w, f))
            out[n++] = f;
    }
    return n;
}

size_t wizard_focusables(const struct wizard *w, int *ids, size_t max)
{
    size_t n = 0;
    if (w->overlay != OVER_NONE) {
        size_t rows = w->overlay == OVER_QUESTION ? 2 : 1;
        for (size_t i = 0; i < rows && n < max; i++)
            ids[n++] = FOCUS_OVERLAY + (int)i;
        return n;
    }
    enum field fields[FLD__COUNT];
    enum button buttons[BTN__COUNT];
    size_t nf = wizard_fields(w, w->page, fields, FLD__COUNT),
           nb = wizard_buttons(w, buttons, BTN__COUNT);
    for (size_t i = 0; i < nf && n < max; i++) {
        enum field_kind k = field_row(fields[i])->kind;
        if (k != FIELD_NOTE && (k != FIELD_LIST || wizard_list_count(w, fields[i]) > 0))
            ids[n++] = (int)fields[i];
    }
    for (size_t i = 0; i < nb && n < max; i++)
        ids[n++] = FOCUS_BUTTON + (int)buttons[i];
    return n;
}
