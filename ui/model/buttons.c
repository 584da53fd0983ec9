/* Which buttons a page has, in their order. */
#include <string.h>

#include "ui/model/internal.h"

static size_t result_buttons(const struct wizard *w, enum button *b)
{
    size_t n = 0;
    if (w->result.code) {
        b[n++] = BTN_RETRY;
        if (wizard_flow(w) != FLOW_RECOVER)
            b[n++] = BTN_CHANGE;
    }
    if (!w->result.code && wizard_flow(w) == FLOW_PROVISION && !wizard_batch(w))
        b[n++] = BTN_ANOTHER;
    b[n++] = BTN_LOG;
    if (w->result.raw[0] || w->notice.raw[0])
        b[n++] = BTN_DETAILS;
    b[n++] = wizard_on_page(w, PAGE_RESTART) ? BTN_NEXT : BTN_QUIT;
    return n;
}

static bool leads_somewhere(const struct wizard *w, const struct err *e)
{
    return e && wizard_fault_page(w, e) != PAGE_REVIEW;
}

/* Looking, or looking before something is mended. */
static size_t status_buttons(const struct wizard *w, enum button *b)
{
    size_t n = 0;
    bool looks = wizard_flow(w) == FLOW_STATUS;
    b[n++] = BTN_RETRY;
    if (looks && wizard_mend_blocked(w, MODE_REPAIR) == SAY_NOTHING)
        b[n++] = BTN_REPAIR;
    if (looks && wizard_mend_blocked(w, MODE_ROTATE) == SAY_NOTHING)
        b[n++] = BTN_ROTATE;
    b[n++] = BTN_BACK;
    if (!looks && wizard_mend_blocked(w, w->mode) == SAY_NOTHING)
        b[n++] = BTN_NEXT;
    b[n++] = looks ? BTN_QUIT : BTN_CANCEL;
    return n;
}

/* The button that changes things is there when every change is on the page, not before. */
static size_t review_buttons(const struct wizard *w, enum button *b)
{
    size_t n = 0;
    if (!settings_bool(&w->settings, OPT_KIOSK))
        b[n++] = BTN_SAVE;
    if (w->plan_known == KNOWN_FAILED)
        b[n++] = BTN_RETRY;
    if (leads_somewhere(w, wizard_review_fault(w)))
        b[n++] = BTN_CHANGE;
    b[n++] = BTN_BACK;
    if (w->plan_known == KNOWN_YES)
        b[n++] = BTN_NEXT;
    b[n++] = BTN_CANCEL;
    return n;
}

size_t wizard_buttons(const struct wizard *w, enum button *out, size_t max)
{
    enum button b[BTN__COUNT];
    size_t n = 0;
    switch (w->page) {
    case PAGE_WELCOME:
        b[n++] = BTN_NEXT;
        b[n++] = BTN_CANCEL;
        break;
    case PAGE_STATUS:
        n = status_buttons(w, b);
        break;
    case PAGE_CHECKS:
        b[n++] = BTN_RETRY;
        b[n++] = BTN_BACK;
        b[n++] = BTN_QUIT;
        break;
    case PAGE_PROGRESS:
        if (wizard_first_waiting(w)) {
            b[n++] = BTN_RETRY;
            b[n++] = BTN_CHANGE;
        }
        b[n++] = BTN_LOG;
        if (!settings_bool(&w->settings, OPT_KIOSK))
            b[n++] = BTN_CANCEL;
        break;
    case PAGE_RESULT:
        n = result_buttons(w, b);
        break;
    case PAGE_REVIEW:
        n = review_buttons(w, b);
        break;
    case PAGE_RESTART:
        b[n++] = BTN_RESTART_LATER;
        b[n++] = BTN_RESTART_NOW;
        break;
    default:
        if (w->page == PAGE_NETWORK || w->page == PAGE_DATA || w->page == PAGE_TARGET)
            b[n++] = BTN_RETRY;
        if (w->page == PAGE_CREDENTIALS && !wizard_as_machine(w))
            b[n++] = BTN_TEST;
        b[n++] = BTN_BACK;
        b[n++] = BTN_NEXT;
        b[n++] = BTN_CANCEL;
        break;
    }
    n = wiz_kiosk_buttons(w, b, n);
    if (n > max)
        n = max;
    memcpy(out, b, n * sizeof *b);
    return n;
}
