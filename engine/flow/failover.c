/*
 * When the pinned controller cannot be reached any more: another one, as long as nothing was
 * written. What a directory on one controller took is not on the others for a while, so after the
 * first write nobody comes here.
 */
#include <string.h>

#include "engine/flow/session.h"

bool controller_failed(const struct err *e)
{
    static const enum cause causes[] = {
        CAUSE_DC_DIED,           CAUSE_DC_SILENT, CAUSE_DC_LIED,      CAUSE_KDC_SILENT,
        CAUSE_PORT_BLOCKED,      CAUSE_NO_ROUTE,  CAUSE_BIND_NO_MECH, CAUSE_KDC_UNKNOWN_SERVER,
        CAUSE_CONTROLLER_SILENT, CAUSE_LOGIN_LOST};
    static const uint32_t codes[] = {CODE_ERROR_TIMEOUT, CODE_ERROR_DS_BUSY,
                                     CODE_ERROR_DS_UNAVAILABLE};
    for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
        if (e->cause == causes[i])
            return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        if (e->code == codes[i])
            return true;
    }
    return false;
}

static bool by_name(struct session *s)
{
    return session_dc(s)->named;
}

static bool others_known(struct session *s)
{
    const struct dc_list *l = &s->loc->list;
    for (size_t i = 0; i < l->n; i++) {
        if (l->chosen != (int)i &&
            (l->c[i].state == DC_STATE_ANSWERED || l->c[i].state == DC_STATE_UNKNOWN))
            return true;
    }
    return false;
}

/* The secret may have been counted as a wrong one: only the person may decide to send it again. */
static int login_lost(struct session *s, struct err *e)
{
    free(s->avoid);
    s->avoid = xstrdup(session_dc(s)->host);
    if (!others_known(s))
        return -1;
    e->cause = CAUSE_LOGIN_LOST;
    e->code = cause_code(CAUSE_LOGIN_LOST);
    return -1;
}

static void set_waits(struct session *s)
{
    bool alone = by_name(s) || !others_known(s);
    s->login_wait_ms = alone ? LOGIN_WAIT_MS : LOGIN_SHORT_MS;
    kerb_set_wait(s->kerb, alone ? KERB_EXCHANGE_MS : LOGIN_SHORT_MS);
}

int with_failover(struct session *s, int (*login)(struct session *s, void *arg, struct err *e),
                  void *arg, struct err *e)
{
    int64_t until = net_now_ms() + FAILOVER_MS;
    for (;;) {
        struct err none = {0};
        s->secret_sent = false;
        set_waits(s);
        if (login(s, arg, e) == 0) {
            kerb_set_wait(s->kerb, KERB_EXCHANGE_MS);
            return 0;
        }
        if (!session_dc(s) || by_name(s) || !controller_failed(e) || cancel_is_set(s->cancel))
            return -1;
        if (s->secret_sent)
            return login_lost(s, e);
        AUTOFREE char *lost = xstrdup(session_dc(s)->host);
        if (net_now_ms() >= until || locate_another(s, until, &none) < 0)
            return -1;
        log_notice("controller %s failed (%s), going on with %s: nothing was changed yet", lost,
                   code_symbol(e->code), session_dc(s)->host);
        free(s->avoid); /* by what else this job looks for */
        s->avoid = xstrdup(lost);
        err_reset(e);
        s->r->in_step = false; /* it begins anew */
        report_step(s->r, STEP_PIN);
        report_ok(s->r, N_("{1} [{2}] from here on; {3} does not answer any more"),
                  session_dc(s)->host, session_dc(s)->addr.text, lost, NULL);
    }
}

static int log_in_with(struct session *s, void *arg UNUSED, struct err *e)
{
    return log_in_here(s, e);
}

int log_in(struct session *s, struct err *e)
{
    return with_failover(s, log_in_with, NULL, e);
}
